import type { Json } from "@daybook/contract";
import { compactView, plainForms, type TextView, viewsOf } from "./masking-views.ts";

/** What stands in place of a one-time link or code in what is kept for reading. */
export const masked = "[masked]";

/** Shorter ones are masked only where they stand alone: as a part of words they would be everywhere. */
const ALONE_BELOW = 6;

/** Codes that mails show in groups or boxes: 123 456. */
const isCode = (text: string): boolean => /^[a-z0-9]{4,12}$/i.test(text) && /\d/.test(text);

interface Needle {
  text: string;
  alone: boolean;
}

/** A stretch of the text that is masked. `head`: the mark stands here; else it only goes. */
interface Stretch {
  from: number;
  to: number;
  head: boolean;
}

/**
 * Masks secrets in the parts of one mail, in every form in which a mail may hold them: as they are, in upper or lower case, HTML-escaped,
 * URL-encoded, wrapped as quoted-printable, with tags in between, in several of these at once. Longer ones go first, so that of a link and
 * the token in it the whole link goes.
 */
export class Masking {
  /** How many places were masked. */
  places = 0;
  readonly #needles: readonly Needle[];
  readonly #codes: readonly Needle[];
  readonly #gaps: boolean;

  constructor(secrets: Iterable<string>) {
    const texts = new Set<string>();
    for (const secret of secrets)
      for (const form of plainForms(secret)) {
        const text = lower(form.trim()).replace(/\s+/g, " ");
        if (text !== "") texts.add(text);
      }
    this.#needles = [...texts].map((text) => ({ text, alone: text.length < ALONE_BELOW || isCode(text) }));
    const codes = [...texts].map((text) => text.replace(/[\s-]/g, "")).filter(isCode);
    this.#codes = [...new Set(codes)].map((text) => ({ text, alone: true }));
    this.#gaps = [...texts].some((text) => text.includes(" "));
  }

  /** A text without the secrets; the same text if it holds none. */
  text(text: string): string {
    if (this.#needles.length === 0 || text === "") return text;
    const stretches: Stretch[] = [];
    for (const view of viewsOf(text, this.#gaps)) find(view, this.#needles, stretches);
    if (this.#codes.length > 0) find(compactView(text), this.#codes, stretches, text);
    return stretches.length === 0 ? text : this.#cut(text, stretches);
  }

  /** The same for every string and name in a JSON value, and for numbers that are a code. */
  json(value: Json): Json {
    if (typeof value === "string") return this.text(value);
    if (typeof value === "number") {
      const text = String(value);
      const clean = this.text(text);
      return clean === text ? value : clean;
    }
    if (value === null || typeof value !== "object") return value;
    if (Array.isArray(value)) return value.map((item) => this.json(item));
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [this.text(name), this.json(item)]));
  }

  #cut(text: string, stretches: Stretch[]): string {
    let clean = "";
    let done = 0;
    for (const { from, to, head } of merged(stretches)) {
      const between = text.slice(done, from);
      // What only parts a code into groups goes with it.
      clean += head || !/^[\s\u00a0-]*$/.test(between) ? between + (head ? masked : "") : "";
      if (head) this.places++;
      done = to;
    }
    return clean + text.slice(done);
  }
}

/** `original`: whether a needle stands alone is seen there, as the view has nothing between its words. */
function find({ text, places }: TextView, needles: readonly Needle[], stretches: Stretch[], original?: string): void {
  const hay = lower(text);
  const stands = (at: number, end: number): boolean => {
    if (original === undefined || places === undefined) return !isWord(hay[at - 1]) && !isWord(hay[end]);
    return !isWord(original[(places.from[at] as number) - 1]) && !isWord(original[places.to[end - 1] as number]);
  };
  for (const { text: needle, alone } of needles)
    for (let at = hay.indexOf(needle); at !== -1; at = hay.indexOf(needle, at + 1)) {
      const end = at + needle.length;
      if (alone && !stands(at, end)) continue;
      if (places === undefined) stretches.push({ from: at, to: end, head: true });
      else addPlaces(places, at, end, stretches);
      at = end - 1;
    }
}

/** A match as it stands in the original: in several stretches where something lies in between that is not part of it, such as a tag. */
function addPlaces(places: NonNullable<TextView["places"]>, at: number, end: number, stretches: Stretch[]): void {
  let current: Stretch | undefined;
  for (let unit = at; unit < end; unit++) {
    const [from, to] = [places.from[unit] as number, places.to[unit] as number];
    if (current !== undefined && from <= current.to) {
      current.to = Math.max(current.to, to);
      continue;
    }
    current = { from, to, head: current === undefined };
    stretches.push(current);
  }
}

/** Stretches in order, those that touch or overlap as one. */
function merged(stretches: Stretch[]): Stretch[] {
  stretches.sort((a, b) => a.from - b.from || b.to - a.to);
  const list: Stretch[] = [];
  for (const next of stretches) {
    const last = list.at(-1);
    if (last === undefined || next.from >= last.to) list.push({ ...next });
    else {
      last.to = Math.max(last.to, next.to);
      last.head ||= next.head;
    }
  }
  return list;
}

const isWord = (char: string | undefined): boolean => char !== undefined && /[\p{L}\p{N}]/u.test(char);

/** Lower case of the same length: some letters have none. */
function lower(text: string): string {
  const small = text.toLowerCase();
  return small.length === text.length ? small : text;
}

/**
 * What stands in a whole text where the kept one has a mark; undefined if the two do not fit. Line breaks count as the same however they are
 * written.
 */
export function hiddenIn(kept: string, whole: string): string[] | undefined {
  const lines = (text: string): string => text.replaceAll("\r\n", "\n").trim();
  const [first = "", ...rest] = lines(kept).split(/\[masked\]|\[redacted\]/);
  const text = lines(whole);
  if (!text.startsWith(first)) return undefined;
  const hidden: string[] = [];
  let done = first.length;
  for (const [index, part] of rest.entries()) {
    const at = index === rest.length - 1 ? text.length - part.length : text.indexOf(part, done);
    if (at < done || !text.startsWith(part, at)) return undefined;
    hidden.push(text.slice(done, at));
    done = at + part.length;
  }
  if (done !== text.length) return undefined;
  return hidden.filter((each) => each !== "" && each !== masked);
}
