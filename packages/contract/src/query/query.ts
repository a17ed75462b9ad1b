import type { AddressBlock } from "./address.ts";
import type { QueryKey } from "./keys.ts";
import type { Moment } from "./moment.ts";
import type { Pattern } from "./pattern.ts";

/** A parsed query: all terms must hold. No terms match every event. */
export interface Query {
  terms: Term[];
}

/** Where something stands in the text that was parsed, in UTF-16 code units from 0. */
export interface Span {
  position: number;
  length: number;
}

export type Term = TextTerm | KeyTerm;

/** A bare word or a quoted text: a part of the event's text. */
export interface TextTerm extends Span {
  type: "text";
  negated: boolean;
  pattern: Pattern;
}

export const operators = [":", ">=", ">", "<=", "<"] as const;
export type Operator = (typeof operators)[number];

/** `key:value,value`; with another operator than ":" there is one value. */
export interface KeyTerm extends Span {
  type: "key";
  negated: boolean;
  key: QueryKey;
  /** Of `details.<path>`; empty for the other keys. */
  path: string;
  operator: Operator;
  values: Value[];
}

export type Value = Span &
  (
    | { type: "pattern"; pattern: Pattern }
    /** `created`: from the start of one moment to the end of another; an open end is left out. */
    | { type: "period"; from?: Moment; to?: Moment }
    /** `seq`: both ends included; an open end is left out. */
    | { type: "numbers"; from?: number; to?: number }
    | { type: "block"; block: AddressBlock; text: string }
  );

/** A span of time in milliseconds, `fromMs <= t < toMs`. */
export interface TimeSpan {
  fromMs: number;
  toMs: number;
}

/** The times that a `created` term names; any of them. */
export function timeSpans(term: KeyTerm): TimeSpan[] {
  return term.values.flatMap((value) => {
    if (value.type !== "period") return [];
    const start = value.from?.startMs ?? -Infinity;
    const end = value.to?.endMs ?? Infinity;
    if (term.operator === ":") return [{ fromMs: start, toMs: end }];
    if (term.operator === ">=") return [{ fromMs: start, toMs: Infinity }];
    if (term.operator === ">") return [{ fromMs: end, toMs: Infinity }];
    return [{ fromMs: -Infinity, toMs: term.operator === "<" ? start : end }];
  });
}

/** The numbers that a `seq` term names, both ends included; any of them. */
export function numberSpans(term: KeyTerm): { from: number; to: number }[] {
  return term.values.flatMap((value) => {
    if (value.type !== "numbers") return [];
    const from = value.from ?? -Infinity;
    const to = value.to ?? Infinity;
    if (term.operator === ":") return [{ from, to }];
    if (term.operator === ">=") return [{ from, to: Infinity }];
    if (term.operator === ">") return [{ from: to + 1, to: Infinity }];
    return [{ from: -Infinity, to: term.operator === "<" ? from - 1 : to }];
  });
}

/** The patterns of a term's values. */
export function patternsOf(term: KeyTerm): Pattern[] {
  return term.values.flatMap((value) => (value.type === "pattern" ? [value.pattern] : []));
}
