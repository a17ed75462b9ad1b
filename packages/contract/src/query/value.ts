import { fold } from "../fold.ts";
import { type AddressBlock, parseAddressBlock } from "./address.ts";
import { closest } from "./closest.ts";
import { queryFault } from "./fault.ts";
import { keyDefinition, valueHints } from "./keys.ts";
import type { Piece, RawValue } from "./lexer.ts";
import { type Moment, parseMoment } from "./moment.ts";
import { isAny, matchesPattern, type Pattern } from "./pattern.ts";
import type { KeyTerm, Span, Value } from "./query.ts";

/** The pattern that pieces make: neighbouring literals joined, stars in a row as one. */
export function readPattern(pieces: readonly Piece[]): Pattern {
  const parts = [""];
  for (const piece of pieces) {
    if (piece !== "*") parts[parts.length - 1] += piece.literal;
    else if (parts.length === 1 || parts[parts.length - 1] !== "") parts.push("");
  }
  return parts;
}

/** Reads one value of a term as its key asks. Throws invalid_query with what was expected. */
export function readValue(term: KeyTerm, raw: RawValue, typed: string): Value {
  const span = { position: raw.position, length: raw.length };
  const pattern = readPattern(raw.pieces);
  const text = pattern.join("*");
  const read = keyDefinition(term.key).reads;
  if (read === "time") return { type: "period", ...periodOf(term, text, span), ...span };
  if (read === "number") return { type: "numbers", ...numbersOf(term, text, span), ...span };
  if (isAny(pattern) && read !== "uuid" && term.operator === ":") return { type: "pattern", pattern, ...span };
  if (read === "address") return addressOf(text, pattern, span);
  if (read === "choice") return { type: "pattern", pattern: choiceOf(term, pattern, typed, span), ...span };
  if (read === "country" && !/^[a-z]{2}$/i.test(text)) {
    throw queryFault(`'${typed}' is no country code. Write two letters of ISO 3166-1, e.g. country:DE.`, span);
  }
  if (read === "asn") return { type: "pattern", pattern: [asnOf(text, typed, span)], ...span };
  if (read === "uuid" && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) {
    throw queryFault(`'${typed}' is no event id. Ids look like 0198f0c2-5b1e-7cc3-8a57-0d7e6f2b9a10.`, span);
  }
  return { type: "pattern", pattern, ...span };
}

function choiceOf(term: KeyTerm, pattern: Pattern, typed: string, span: Span): Pattern {
  const values = keyDefinition(term.key).values ?? [];
  const wanted = pattern.map(fold);
  const wild = pattern.length > 1;
  if (wild && term.operator !== ":")
    throw queryFault(`After ${term.operator} stands one of ${values.join(", ")}.`, span);
  if (values.some((value) => matchesPattern(wanted, value))) return wanted;
  const word = pattern.join("");
  const hint = values.find((value) => value === valueHints[fold(word)]);
  const suggestion = wild ? undefined : (hint ?? closest(word, values));
  const meant = suggestion === undefined ? "" : ` Did you mean '${suggestion}'?`;
  throw queryFault(`'${typed}' is no value of ${term.key}.${meant} Values are ${values.join(", ")}.`, span, suggestion);
}

function asnOf(text: string, typed: string, span: Span): string {
  const digits = /^(?:as)?0*(\d{1,10})$/i.exec(text)?.[1];
  if (digits === undefined || Number(digits) > 0xffffffff) {
    throw queryFault(`'${typed}' is no network number. Write asn:24940 or asn:AS24940; names go into network:.`, span);
  }
  return digits;
}

function addressOf(text: string, pattern: Pattern, span: Span): Value {
  if (pattern.length > 1) {
    if (/^[0-9a-f.:*]+$/i.test(text)) return { type: "pattern", pattern, ...span };
  } else {
    const block: AddressBlock | undefined = parseAddressBlock(text);
    if (block !== undefined) return { type: "block", block, text: text.toLowerCase(), ...span };
  }
  const forms = "Write an address (ip:203.0.113.9), a CIDR block (ip:203.0.113.0/24) or an address with * (ip:203.0.*)";
  throw queryFault(`'${text}' is no IP address. ${forms}.`, span);
}

/** Splits `a..b`; a text without dots is both ends. */
function ends(term: KeyTerm, text: string, span: Span, example: string): [from: string, to: string] {
  const cut = text.indexOf("..");
  if (cut < 0) return [text, text];
  if (term.operator !== ":") throw queryFault(`A range stands after ':', e.g. ${example}.`, span);
  if (text === "..") throw queryFault(`A range has at least one end, e.g. ${example}.`, span);
  return [text.slice(0, cut), text.slice(cut + 2)];
}

function periodOf(term: KeyTerm, text: string, span: Span): { from?: Moment; to?: Moment } {
  const [first, last] = ends(term, text, span, "created:2026-11-01..2026-11-20");
  const from = first === "" && last !== "" ? undefined : momentOf(first, span);
  const to = last === "" && first !== "" ? undefined : momentOf(last, span);
  if (from !== undefined && to !== undefined && to.endMs <= from.startMs) {
    throw queryFault(`The range ends before it begins: ${first} is after ${last}.`, span, `${last}..${first}`);
  }
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

function momentOf(text: string, span: Span): Moment {
  const moment = parseMoment(text);
  if (moment !== undefined) return moment;
  throw queryFault(`'${text}' is no date. Write 2026-11-20, 2026-11, or a time like 2026-11-20T10:11:12Z.`, span);
}

function numbersOf(term: KeyTerm, text: string, span: Span): { from?: number; to?: number } {
  const [first, last] = ends(term, text, span, "seq:100..200");
  const from = first === "" && last !== "" ? undefined : wholeNumber(first, span);
  const to = last === "" && first !== "" ? undefined : wholeNumber(last, span);
  if (from !== undefined && to !== undefined && to < from) {
    throw queryFault(`The range ends before it begins: ${first} is after ${last}.`, span, `${last}..${first}`);
  }
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

function wholeNumber(text: string, span: Span): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw queryFault(`'${text}' is no whole number.`, span);
}
