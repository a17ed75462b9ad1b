import type { TemplateText, TemplateToken } from "@daybook/contract";

/** A template that comes with Daybook, in every locale that it comes in. */
export interface ShippedTemplate {
  name: string;
  title: string;
  what: string;
  kind: "template" | "partial";
  tokens: TemplateToken[];
  /** Its HTML is put into the layout. */
  layout: boolean;
  unsubscribe: boolean;
  texts: Record<string, TemplateText>;
}

type Flags = Partial<Pick<TemplateToken, "required" | "secret">>;

/** A token with a value that previews and tests show. */
export function token(name: string, what: string, sample: TemplateToken["sample"], flags: Flags = {}): TemplateToken {
  return { name, what, required: false, secret: false, ...flags, ...(sample === undefined ? {} : { sample }) };
}

/** A template of the shipped set. */
export function shipped(
  name: string,
  title: string,
  what: string,
  tokens: TemplateToken[],
  texts: { en: TemplateText; de: TemplateText },
  options: Partial<Pick<ShippedTemplate, "unsubscribe">> = {},
): ShippedTemplate {
  return { name, title, what, kind: "template", tokens, layout: true, unsubscribe: false, ...options, texts };
}

/** The person to whom most mails go. */
export const user = token("user.name", "Name of the recipient", "Dana Whitfield");
