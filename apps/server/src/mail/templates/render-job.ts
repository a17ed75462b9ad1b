import { mailLimits } from "@daybook/contract";
import { compile } from "html-to-text";
import type { Liquid, Template } from "liquidjs";
import type { Brand } from "./brand.ts";
import { withoutScriptLinks, withStyles } from "./inline-styles.ts";
import { type LiquidFault, LiquidRefusal, liquid, parsePart, renderPart } from "./liquid.ts";

/** A template with all that it renders, as it stands in the database or in the shipped set. */
export interface RenderSource {
  subject: string;
  html: string;
  /** Null: made from the HTML. */
  text: string | null;
  /** The layout around the HTML; null for none. */
  layout: string | null;
  partials: Record<string, string>;
  locale: string;
  timeZone: string;
}

export interface RenderOrder {
  /** The same for the same source: what was read of it is kept. "" for a draft, which is not. */
  key: string;
  source: RenderSource;
  /** The tokens `brand.*`, for partials too. */
  brand: Brand;
  data: object;
}

export type RenderReply = { subject: string; html: string; text: string } | { fault: LiquidFault };

interface Compiled {
  html: Liquid;
  plain: Liquid;
  subject: Template[];
  body: Template[];
  text: Template[] | null;
  layout: Template[] | null;
}

/** Templates kept ready to render. */
const KEPT = 300;
const kept = new Map<string, Compiled>();

const toText = compile({
  wordwrap: false,
  selectors: [
    { selector: "img", format: "skip" },
    { selector: ".no-text", format: "skip" },
    { selector: "a", options: { hideLinkHrefIfSameAsText: true, ignoreHref: false } },
    ...["h1", "h2", "h3"].map((selector) => ({ selector, options: { uppercase: false } })),
    ...["table.facts", "table.items"].map((selector) => ({
      selector,
      format: "dataTable",
      options: { uppercaseHeaderCells: false, maxColumnWidth: 60 },
    })),
  ],
});

/** The text part of a mail that has HTML alone. */
export function textOf(html: string): string {
  return toText(html).trim();
}

/** Renders subject, HTML and text of a mail. What is wrong with the template is an answer. */
export function renderMail(order: RenderOrder): RenderReply {
  try {
    return render(order);
  } catch (error) {
    if (error instanceof LiquidRefusal) return { fault: error.fault };
    throw error;
  }
}

function render({ key, source, brand, data }: RenderOrder): RenderReply {
  const compiled = compiledOf(key, source);
  const globals = { brand, locale: source.locale };
  const subject = oneLine(renderPart(compiled.plain, "subject", compiled.subject, data, globals));
  const body = renderPart(compiled.html, "html", compiled.body, data, globals);
  const html =
    compiled.layout === null
      ? body
      : renderPart(
          compiled.html,
          "html",
          compiled.layout,
          { content: withStyles(body, brand.accent), subject },
          globals,
        );
  const text = compiled.text === null ? textOf(html) : renderPart(compiled.plain, "text", compiled.text, data, globals);
  return { subject, html: withoutScriptLinks(html), text: text.trim() };
}

function compiledOf(key: string, source: RenderSource): Compiled {
  const known = kept.get(key);
  if (known !== undefined) return known;
  const { partials, locale, timeZone, layout, text } = source;
  const html = liquid({ partials, locale, timeZone, escapes: true });
  const plain = liquid({ partials, locale, timeZone, escapes: false });
  const compiled: Compiled = {
    html,
    plain,
    subject: parsePart(plain, "subject", source.subject),
    body: parsePart(html, "html", source.html),
    text: text === null ? null : parsePart(plain, "text", text),
    layout: layout === null ? null : parsePart(html, "html", layout),
  };
  if (key === "") return compiled;
  if (kept.size >= KEPT) kept.delete(kept.keys().next().value ?? "");
  kept.set(key, compiled);
  return compiled;
}

/** A line break in a subject would begin another header (RFC 5322, 2.2). */
function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .trim()
    .slice(0, mailLimits.subjectLengthMax);
}
