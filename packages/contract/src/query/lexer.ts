import { queryFault } from "./fault.ts";
import type { Span } from "./query.ts";

/** A run of literal characters, or a star. Quotes and escapes are resolved. */
export type Piece = { literal: string; quoted: boolean } | "*";

export interface RawValue extends Span {
  pieces: Piece[];
}

/** One term before its key and values are understood. A bare word has no key and one value. */
export interface RawTerm extends Span {
  negated: boolean;
  key?: Span & { name: string; path?: string };
  operator?: string;
  values: RawValue[];
}

const space = /\s/;
/** `key:`, `details.path:`, `severity>=`: letters, perhaps a path, then an operator. */
const keyStart = /([A-Za-z][A-Za-z_]*)((?:\.(?:"(?:[^"\\]|\\[\s\S])*"|[^\s":<>=,*"])*)?)(>=|<=|:|>|<|=)/y;

/** Cuts a query into terms. Throws invalid_query for a quote that is not closed and for a missing value. */
export function lexQuery(text: string): RawTerm[] {
  const terms: RawTerm[] = [];
  let at = 0;
  while (at < text.length) {
    if (space.test(text[at] ?? "")) {
      at++;
      continue;
    }
    const term = lexTerm(text, at);
    terms.push(term);
    at = term.position + term.length;
  }
  return terms;
}

function lexTerm(text: string, start: number): RawTerm {
  const next = text[start + 1];
  const negated = text[start] === "-" && next !== undefined && !space.test(next);
  const at = negated ? start + 1 : start;
  keyStart.lastIndex = at;
  const found = keyStart.exec(text);
  if (found === null) {
    const value = lexValue(text, at, false);
    return { position: start, length: value.position + value.length - start, negated, values: [value] };
  }
  const [all, name = "", path = "", operator = ":"] = found;
  const key = { name, position: at, length: all.length - operator.length };
  const values = lexValues(text, at + all.length, all);
  const last = values[values.length - 1] as RawValue;
  return {
    position: start,
    length: last.position + last.length - start,
    negated,
    key: path === "" ? key : { ...key, path: unquote(path.slice(1)) },
    operator,
    values,
  };
}

function lexValues(text: string, start: number, typed: string): RawValue[] {
  const values: RawValue[] = [];
  let at = start;
  for (;;) {
    const value = lexValue(text, at, true);
    if (value.length === 0) {
      const where = at === start ? `after ${typed}` : "after the comma";
      const comma = text[at] === "," ? "before the comma" : where;
      throw queryFault(`A value is missing ${comma}.`, { position: at, length: Math.min(1, text.length - at) });
    }
    values.push(value);
    at = value.position + value.length;
    if (text[at] !== ",") return values;
    at++;
  }
}

/** One value: up to white space and, in the values of a key, up to a comma. */
function lexValue(text: string, start: number, commaEnds: boolean): RawValue {
  const pieces: Piece[] = [];
  let at = start;
  while (at < text.length) {
    const character = text[at] ?? "";
    if (space.test(character) || (commaEnds && character === ",")) break;
    if (character === "*") {
      pieces.push("*");
      at++;
    } else if (character === '"') {
      const end = closingQuote(text, at);
      pieces.push({ literal: resolveEscapes(text.slice(at + 1, end)), quoted: true });
      at = end + 1;
    } else {
      const end = plainEnd(text, at, commaEnds);
      pieces.push({ literal: text.slice(at, end), quoted: false });
      at = end;
    }
  }
  return { pieces, position: start, length: at - start };
}

function plainEnd(text: string, start: number, commaEnds: boolean): number {
  let at = start;
  while (at < text.length) {
    const character = text[at] ?? "";
    if (space.test(character) || character === "*" || character === '"' || (commaEnds && character === ",")) break;
    at++;
  }
  return at;
}

function closingQuote(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at;
  }
  throw queryFault("The quote that opens here is not closed.", { position: open, length: text.length - open });
}

/** In quotes `\"` is a quote and `\\` a backslash; before anything else a backslash is itself. */
const resolveEscapes = (text: string): string => text.replace(/\\(["\\])/g, "$1");

/** A path with its quoted parts resolved. */
const unquote = (path: string): string =>
  path.replace(/"((?:[^"\\]|\\[\s\S])*)"/g, (_, inner: string) => resolveEscapes(inner));
