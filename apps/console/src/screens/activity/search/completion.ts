import { describeKeys, keyDefinition, type QueryKey, queryKeyNames } from "@daybook/contract";
import { quotedValue, valuesOf, type Word, wordsOf } from "./query-text.ts";

/** One line of the completion list. */
export interface Choice {
  /** What is put in place of `start..end`. */
  insert: string;
  label: string;
  /** What it means, or how often it occurs. */
  note: string;
  /** Whether the term is finished with it. */
  ends: boolean;
}

/** What can be completed at the caret. */
export type Place =
  | { kind: "key"; start: number; end: number; prefix: string }
  | { kind: "value"; start: number; end: number; prefix: string; key: string; word: Word };

/** Finds the part of the text that the caret stands in: a key that is being typed, or a value of a known key. */
export function placeAt(text: string, caret: number): Place | null {
  const word = wordsOf(text).find((each) => each.start <= caret && caret <= each.end);
  if (!word) return { kind: "key", start: caret, end: caret, prefix: "" };
  const keyStart = word.negated ? word.start + 1 : word.start;
  if (word.key === "") {
    const prefix = text.slice(keyStart, caret);
    return /^[A-Za-z_]*$/.test(prefix) ? { kind: "key", start: keyStart, end: word.end, prefix } : null;
  }
  if (caret < word.valueStart) return null;
  const value = valuesOf(text, word).find((each) => each.start <= caret && caret <= each.end);
  if (!value) return null;
  const prefix = text.slice(value.start, caret).replaceAll('"', "");
  return { kind: "value", start: value.start, end: value.end, prefix, key: word.key, word };
}

export function keyChoices(prefix: string): Choice[] {
  const typed = prefix.toLowerCase();
  return describeKeys().flatMap((key): Choice[] => {
    if (!key.key.startsWith(typed)) return [];
    const start = key.starts[0] ?? `${key.key}:`;
    return [{ insert: start, label: start, note: key.doc, ends: false }];
  });
}

/** The values that are known without asking the server. */
export function fixedValueChoices(key: string, prefix: string): Choice[] {
  const name = queryKeyNames.find((each) => each === key);
  if (!name) return [];
  const typed = prefix.toLowerCase();
  return (keyDefinition(name).values ?? [])
    .filter((value) => value.startsWith(typed))
    .map((value) => ({ insert: value, label: value, note: "", ends: true }));
}

/** Whether the log may know values of the key that the language does not list. */
export function asksServer(key: string): key is QueryKey {
  const name = queryKeyNames.find((each) => each === key.split(".")[0]);
  if (!name) return false;
  const reads = keyDefinition(name).reads;
  return reads === "text" || reads === "country" || reads === "asn" || reads === "address";
}

export function valueChoice(value: string, note: string): Choice {
  return { insert: quotedValue(value), label: value, note, ends: true };
}

/** The text after a choice, and where the caret goes. A finished term gets a space behind it. */
export function completed(text: string, place: Place, choice: Choice): { text: string; caret: number } {
  const before = text.slice(0, place.start) + choice.insert;
  const after = text.slice(place.end);
  const gap = choice.ends && !/^[\s,]/.test(after) ? " " : "";
  return { text: before + gap + after, caret: before.length + gap.length };
}
