import type { TemplateToken } from "@daybook/contract";
import { alwaysKnown, liquidFilters, liquidTags } from "./liquid-words.ts";

/** What may be used in a template. */
export interface KnownWords {
  tokens: readonly Pick<TemplateToken, "name" | "what" | "sample" | "required">[];
  partials: readonly { name: string; title: string }[];
}

export interface Word {
  label: string;
  detail: string;
  type: "token" | "filter" | "tag" | "partial" | "local";
}

/** What fits where the cursor is: the words, and how many characters before the cursor they take the place of. */
export interface Fitting {
  words: Word[];
  typed: number;
  /** The cursor stands right behind the braces: a space belongs between. */
  tight: boolean;
}

/** How far back an open `{{` or `{%` is looked for. */
const BACK_CHARS = 1_000;
const unquoted = /"[^"]*"|'[^']*'/g;

/** The words that fit behind `before`, the text up to the cursor. Null where nothing of Liquid is being written. */
export function fittingWords(before: string, known: KnownWords): Fitting | null {
  const near = before.slice(-BACK_CHARS);
  const start = Math.max(near.lastIndexOf("{{"), near.lastIndexOf("{%"));
  if (start < 0) return null;
  const tag = near[start + 1] === "%";
  const inside = near.slice(start + 2).replace(/^-/, "");
  const plain = inside.replace(unquoted, (text) => " ".repeat(text.length));
  if (plain.includes(tag ? "%}" : "}}")) return null;
  const partial = /^\s*render\s+(?:['"]([\w-]*))?$/.exec(inside);
  if (tag && partial) return found(partialWords(known, partial[1] === undefined), partial[1]?.length ?? 0, inside);
  if (/['"]/.test(plain)) return null;
  const typed = /[\w.]*$/.exec(plain)?.[0] ?? "";
  const ahead = plain.slice(0, plain.length - typed.length);
  if (/\|\s*$/.test(ahead)) return found(filterWords, typed.length, inside);
  if (tag && /^\s*$/.test(ahead)) return found(tagWords, typed.length, inside);
  if (tag && /^\s*(end\w*|else|assign|capture|for|comment|raw)\s+$/.test(ahead)) return null;
  // Behind a finished word comes an operator, which is not offered.
  if (/\w\s+$/.test(ahead) && !/\b(if|elsif|unless|case|when|in|and|or|contains|by)\s+$/.test(ahead)) return null;
  return found([...localWords(before, known), ...tokenWords(known)], typed.length, inside);
}

function found(words: Word[], typed: number, inside: string): Fitting | null {
  return words.length === 0 ? null : { words, typed, tight: inside === "" };
}

const filterWords: Word[] = liquidFilters.map(({ name, what }) => ({ label: name, detail: what, type: "filter" }));
const alwaysWords: Word[] = alwaysKnown.map(({ name, what }) => ({ label: name, detail: what, type: "token" }));
const tagWords: Word[] = liquidTags.map(({ name, what }) => ({ label: name, detail: what, type: "tag" }));

function tokenWords({ tokens }: KnownWords): Word[] {
  const own: Word[] = tokens.map(({ name, what, required }) => ({
    label: name,
    detail: `${what ?? ""}${required ? " (required)" : ""}`.trim(),
    type: "token",
  }));
  return [...own, ...alwaysWords];
}

function partialWords({ partials }: KnownWords, quoted: boolean): Word[] {
  return partials.map(({ name, title }) => ({ label: quoted ? `'${name}'` : name, detail: title, type: "partial" }));
}

/** Names that the template gives itself; of a loop over a token also the fields of its sample. */
function localWords(before: string, { tokens }: KnownWords): Word[] {
  const words = new Map<string, Word>();
  const add = (label: string, detail: string) => words.set(label, { label, detail, type: "local" });
  for (const [, name = ""] of before.matchAll(/{%-?\s*(?:assign|capture)\s+(\w+)/g)) add(name, "of this template");
  for (const [, name = "", list = ""] of before.matchAll(/{%-?\s*for\s+(\w+)\s+in\s+([\w.]+)/g)) {
    add(name, `one of ${list}`);
    const sample = tokens.find((token) => token.name === list)?.sample;
    const first = Array.isArray(sample) ? sample[0] : undefined;
    if (typeof first === "object" && first !== null && !Array.isArray(first))
      for (const field of Object.keys(first)) add(`${name}.${field}`, `of one of ${list}`);
  }
  return [...words.values()];
}
