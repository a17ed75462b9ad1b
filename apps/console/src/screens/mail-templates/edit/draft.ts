import type { Template, TemplateInput, TemplateText, TemplateToken } from "@daybook/contract";

/** What is being written in one locale. */
export interface LocaleText {
  subject: string;
  html: string;
  /** Null: made from the HTML. */
  text: string | null;
}

/** What is being changed that holds for all locales. */
export interface Shared {
  title: string;
  what: string;
  tokens: TemplateToken[];
  layout: boolean;
  unsubscribe: boolean;
}

/** A text that is not saved, with the version it began from; null if the locale is new. */
export interface UnsavedText extends LocaleText {
  base: number | null;
}

/** All that is not saved of one template. */
export interface Draft {
  texts: Record<string, UnsavedText>;
  shared?: Shared;
}

export const noDraft: Draft = { texts: {} };

export function textOf({ subject, html, text }: Pick<TemplateText, "subject" | "html" | "text">): LocaleText {
  return { subject, html, text: text ?? null };
}

export function sharedOf({ title, what, tokens, layout, unsubscribe }: Template): Shared {
  return { title, what: what ?? "", tokens, layout, unsubscribe };
}

/** Whether the template answers in this locale itself, rather than with what it falls back to. */
export function hasLocale(template: Template, locale: string): boolean {
  return template.locales.includes(locale);
}

/** The draft with a changed text. A text that is again what is saved is no draft; one of a new locale stays one. */
export function withText(draft: Draft, template: Template, locale: string, change: Partial<LocaleText>): Draft {
  const before = draft.texts[locale];
  const isNew = !hasLocale(template, locale);
  const next = {
    ...textOf(template),
    ...before,
    ...change,
    base: before ? before.base : isNew ? null : template.version,
  };
  const { [locale]: _, ...others } = draft.texts;
  const saved = textOf(template);
  const same = !isNew && next.base === template.version && sameText(next, saved);
  return { ...draft, texts: same ? others : { ...others, [locale]: next } };
}

export function withoutText(draft: Draft, locale: string): Draft {
  const { [locale]: _, ...others } = draft.texts;
  return { ...draft, texts: others };
}

/** The draft with something changed that holds for all locales. */
export function withShared(draft: Draft, template: Template, change: Partial<Shared>): Draft {
  const saved = sharedOf(template);
  const next = { ...saved, ...draft.shared, ...change };
  const { shared: _, ...others } = draft;
  return JSON.stringify(next) === JSON.stringify(saved) ? others : { ...others, shared: next };
}

/** Whether somebody else saved this locale since the draft was begun. */
export function isOvertaken(draft: Draft, template: Template, locale: string): boolean {
  const text = draft.texts[locale];
  return text !== undefined && hasLocale(template, locale) && text.base !== template.version;
}

function sameText(a: LocaleText, b: LocaleText): boolean {
  return a.subject === b.subject && a.html === b.html && a.text === b.text;
}

export function isEmpty(draft: Draft): boolean {
  return draft.shared === undefined && Object.keys(draft.texts).length === 0;
}

/** What is sent to save one locale. What holds for all of them goes along only if it was changed. */
export function inputOf(template: Template, locale: string, draft: Draft, note: string): TemplateInput {
  const unsaved = draft.texts[locale];
  const { subject, html, text } = unsaved ?? textOf(template);
  const base = unsaved ? unsaved.base : hasLocale(template, locale) ? template.version : null;
  return {
    subject,
    html,
    ...(text !== null && { text }),
    ...(draft.shared && sharedInput(draft.shared, template)),
    ...(note.trim() !== "" && { note: note.trim() }),
    ...(base !== null && { basedOn: base }),
  };
}

function sharedInput(shared: Shared, template: Template): Partial<TemplateInput> {
  const { title, what, tokens, layout, unsubscribe } = shared;
  return { title, what, layout, unsubscribe, ...(!template.shipped && { tokens }) };
}
