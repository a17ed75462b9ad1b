/** The parts of a template's page; `preview` only where there is no room beside the text. */
export const templateParts = ["write", "preview", "tokens", "versions", "settings"] as const;
export type TemplatePart = (typeof templateParts)[number];

/** What the address of a template's page says. */
export interface TemplateSearch {
  locale?: string;
  part?: TemplatePart;
}

/** What the address of the list says. */
export interface TemplateListSearch {
  q?: string;
}

export function readTemplateSearch(search: Record<string, unknown>): TemplateSearch {
  const read: TemplateSearch = {};
  if (typeof search.locale === "string" && /^[a-zA-Z-]{2,20}$/.test(search.locale)) read.locale = search.locale;
  const part = templateParts.find((each) => each === search.part);
  if (part && part !== "write") read.part = part;
  return read;
}

export function readTemplateListSearch(search: Record<string, unknown>): TemplateListSearch {
  return typeof search.q === "string" && search.q.trim() !== "" ? { q: search.q } : {};
}
