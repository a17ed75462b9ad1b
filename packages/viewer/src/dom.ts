interface Properties {
  /** Also its ::part, so that a page can style it. */
  part?: string;
  class?: string;
  text?: string;
  attributes?: Record<string, string>;
  onClick?: () => void;
}

type Child = Node | string | undefined;

/** An element with its children. Texts become text nodes: nothing that comes from outside is ever read as HTML. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  const { part, text, attributes = {}, onClick } = properties;
  const classes = properties.class ?? part;
  if (classes !== undefined) made.className = classes;
  if (part !== undefined) made.setAttribute("part", part);
  if (text !== undefined) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (onClick !== undefined) made.addEventListener("click", onClick);
  made.append(...children.filter((child) => child !== undefined));
  return made;
}
