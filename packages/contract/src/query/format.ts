import type { Pattern } from "./pattern.ts";
import type { KeyTerm, Query, Term, Value } from "./query.ts";

/** The query in its one canonical form. Parsing it again gives the same query. */
export function formatQuery(query: Query): string {
  return query.terms.map(formatTerm).join(" ");
}

/** One term that asks for a value as it stands, e.g. `actor:user/42`; in quotes where it holds what means something. */
export function formatKeyValue(key: string, value: string): string {
  return `${key}:${value !== "" && /^[^\s",*\\]*$/.test(value) ? value : quote(value)}`;
}

function formatTerm(term: Term): string {
  const sign = term.negated ? "-" : "";
  if (term.type === "text") return sign + formatText(term.pattern);
  const path = term.path === "" ? "" : `.${formatPath(term.path)}`;
  return `${sign}${term.key}${path}${term.operator}${term.values.map((value) => formatValue(term, value)).join(",")}`;
}

function formatValue(term: KeyTerm, value: Value): string {
  if (value.type === "pattern") return formatPattern(value.pattern, plainValue);
  if (value.type === "block") return value.text;
  const [from, to] =
    value.type === "period"
      ? [value.from?.text ?? "", value.to?.text ?? ""]
      : [`${value.from ?? ""}`, `${value.to ?? ""}`];
  return term.operator !== ":" || from === to ? from : `${from}..${to}`;
}

const plainValue = /^[^\s",*]*$/;
const plainText = /^[^\s"*]*$/;
/** What would be read as a key or a minus when it stands at the start of a bare word. */
const looksLikeKey = /^-|^[A-Za-z][A-Za-z_]*(\.[^\s]*)?[:<>=]/;

function formatText(pattern: Pattern): string {
  const [first = ""] = pattern;
  // A key may also end behind a star or a quote, so the first part is quoted as soon as it could begin one.
  const risky = looksLikeKey.test(pattern.join("*")) || /^[A-Za-z][A-Za-z_]*\./.test(first);
  return formatPattern(pattern, plainText, risky);
}

function formatPattern(pattern: Pattern, plain: RegExp, quoteFirst = false): string {
  if (pattern.length === 1 && pattern[0] === "") return '""';
  const parts = pattern.map((part, index) => {
    if (part === "") return "";
    return plain.test(part) && !(index === 0 && quoteFirst) ? part : quote(part);
  });
  return parts.join("*");
}

function formatPath(path: string): string {
  return /^[^\s":<>=,*\\]+$/.test(path) ? path : quote(path);
}

const quote = (text: string): string => `"${text.replace(/["\\]/g, "\\$&")}"`;
