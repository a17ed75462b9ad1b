import { quotedValue, valuesOf, wordsOf } from "./query-text.ts";

/** The value that a query asks for by a key, when it is one; the number of them when there are several; null when there is none. */
export function valueOfKey(text: string, key: string): string | number | null {
  const values = wordsOf(text)
    .filter((word) => word.key === key && word.operator === ":" && !word.negated)
    .flatMap((word) => valuesOf(text, word).map((value) => value.text));
  return values.length > 1 ? values.length : (values[0] ?? null);
}

/** The query with this value for a key in the place of those it had; null takes them out. */
export function withValueOfKey(text: string, key: string, value: string | null): string {
  const others = wordsOf(text).filter((word) => !(word.key === key && word.operator === ":" && !word.negated));
  const kept = others.map((word) => text.slice(word.start, word.end));
  return [...kept, ...(value === null ? [] : [`${key}:${quotedValue(value)}`])].join(" ");
}

/** Whether a query has a word just as it is written here. */
export function hasWord(text: string, term: string): boolean {
  return wordsOf(text).some((word) => text.slice(word.start, word.end).toLowerCase() === term.toLowerCase());
}

/** The query with a word put in, or taken out when it is there. */
export function switchedWord(text: string, term: string): string {
  const words = wordsOf(text).map((word) => text.slice(word.start, word.end));
  const without = words.filter((word) => word.toLowerCase() !== term.toLowerCase());
  return (without.length < words.length ? without : [...words, term]).join(" ");
}
