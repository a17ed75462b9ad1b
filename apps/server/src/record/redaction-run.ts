import { type Change, type Json, redacted } from "@daybook/contract";
import { isCardNumber } from "./redaction-cards.ts";
import type { NameVerdict } from "./redaction-names.ts";
import { lettersOf, type RedactionRules } from "./redaction-rules.ts";
import { redactText, type TextRun } from "./redaction-text.ts";

/** A deeper tree is replaced: the contract allows 16 levels, a JSON text inside a string may hold any number. */
const DEPTH_MAX = 64;

/** JSON inside JSON inside JSON: each level doubles its escapes, so that 64 KiB hold no more. */
const JSON_LEVELS_MAX = 12;

type JsonObject = { [key: string]: Json };
type Texts = { [key: string]: unknown };

/** How what stands under a secret name is treated; undefined elsewhere. */
type Within = NameVerdict | undefined;

const ofAction: NameVerdict = { rule: "action_field", telling: false };
const sets = new WeakMap<readonly string[], ReadonlySet<string>>();

/** The redaction of one event. Everything is copied on write: what holds no secret stays the same object. */
export class RedactionRun implements TextRun {
  counts: Map<string, number> | undefined;
  readonly #rules: RedactionRules;
  readonly #sensitive: ReadonlySet<string> | undefined;
  #jsonLevel = 0;

  constructor(rules: RedactionRules, sensitive: readonly string[]) {
    this.#rules = rules;
    this.#sensitive = sensitive.length === 0 ? undefined : letterSet(sensitive);
  }

  count(rule: string): void {
    this.counts ??= new Map();
    this.counts.set(rule, (this.counts.get(rule) ?? 0) + 1);
  }

  judge(name: string): NameVerdict | undefined {
    const known = this.#rules.name(name);
    return this.#sensitive?.has(known.letters) ? ofAction : known.verdict;
  }

  /** One member of an event without its secrets. */
  part(name: string, value: unknown): unknown {
    if (name === "details") return this.#value(value as Json, undefined, 0);
    if (name === "changes") return this.#list(value as Change[], (change) => this.#change(change));
    if (name === "targets") return this.#list(value as Texts[], (target) => this.#texts(target));
    return typeof value === "string" ? this.#text(value) : this.#texts(value as Texts);
  }

  #list<T>(items: T[], redact: (item: T) => T): T[] {
    let copy = items;
    for (let at = 0; at < items.length; at++) {
      const item = items[at] as T;
      const clean = redact(item);
      if (clean === item) continue;
      if (copy === items) copy = items.slice();
      copy[at] = clean;
    }
    return copy;
  }

  /** An object of plain strings: an actor, a target, an origin. */
  #texts(texts: Texts): Texts {
    let copy = texts;
    for (const key in texts) {
      const value = texts[key];
      if (typeof value !== "string" || (key === "userAgent" && this.#rules.isKnownAgent(value))) continue;
      const clean = this.#text(value);
      if (clean === value) {
        if (key === "userAgent") this.#rules.learnAgent(value);
        continue;
      }
      if (copy === texts) copy = { ...texts };
      copy[key] = clean;
    }
    return copy;
  }

  /** A changed secret is only said to have changed. */
  #change(change: Change): Change {
    const verdict = this.judge(change.field);
    const field = this.#rules.name(change.field).clean;
    if (verdict && (isSecret(change.old, change.field) || isSecret(change.new, change.field))) {
      this.count(verdict.rule);
      return { field, changed: true };
    }
    const before = change.old === undefined ? undefined : this.#value(change.old, undefined, 0);
    const after = change.new === undefined ? undefined : this.#value(change.new, undefined, 0);
    if (before === change.old && after === change.new && field === change.field) return change;
    if (before === after && typeof before === "string") return { field, changed: true };
    const copy: Change = { ...change, field };
    if (before !== undefined) copy.old = before;
    if (after !== undefined) copy.new = after;
    return copy;
  }

  #value(value: Json, within: Within, depth: number): Json {
    if (typeof value === "string") {
      if (within === undefined) return this.#text(value);
      return value === "" || value === redacted ? value : this.#struck(within.rule);
    }
    if (typeof value === "number") {
      if (within !== undefined) return this.#struck(within.rule);
      return isCardNumber(value) ? this.#struck("card_number") : value;
    }
    if (value === null || typeof value === "boolean") return value;
    if (depth >= DEPTH_MAX) return this.#struck("depth");
    return Array.isArray(value) ? this.#array(value, within, depth) : this.#object(value, within, depth);
  }

  #array(items: Json[], within: Within, depth: number): Json {
    const pairs = within === undefined && items.length > 0 && items.every(isPair);
    return this.#list(items, (item) =>
      pairs ? this.#pair(item as [string, Json], depth + 1) : this.#value(item, within, depth + 1),
    );
  }

  /** ["authorization", "Basic …"] in a list of such pairs. */
  #pair(pair: [string, Json], depth: number): Json {
    const [name, value] = pair;
    const cleanName = this.#text(name);
    const clean = this.#member(name, value, undefined, depth);
    return cleanName === name && clean === value ? pair : [cleanName, clean];
  }

  #object(object: JsonObject, within: Within, depth: number): Json {
    let copy = object;
    let holdsValue = false;
    for (const key in object) {
      const value = object[key] as Json;
      const clean = this.#member(key, value, within, depth + 1);
      const known = this.#rules.name(key);
      holdsValue ||= known.role === "value";
      if (clean === value && known.clean === key) continue;
      if (copy === object) copy = { ...object };
      if (known.clean !== key) {
        this.count("name");
        delete copy[key];
      }
      copy[known.clean] = clean;
    }
    return holdsValue && within === undefined ? this.#named(copy, object, depth) : copy;
  }

  #member(key: string, value: Json, within: Within, depth: number): Json {
    const known = this.#rules.name(key);
    const verdict = this.#sensitive?.has(known.letters) ? ofAction : known.verdict;
    if (verdict) return this.#under(verdict, key, value, depth);
    // The id of an AWS key says who acted and opens nothing.
    if (known.keyId && typeof value === "string" && /^[A-Z0-9]{16,128}$/.test(value)) return value;
    if (within !== undefined && known.harmless)
      return this.#value(value, typeof value === "object" ? within : undefined, depth);
    return this.#value(value, within, depth);
  }

  /** What stands under a secret name: all of it goes, or all but what tells nothing. */
  #under(verdict: NameVerdict, key: string, value: Json, depth: number): Json {
    if (!isSecret(value, key)) return value;
    if (typeof value === "object" && !verdict.telling) return this.#struck(verdict.rule);
    return this.#value(value, verdict, depth);
  }

  /** `{ "name": "DB_PASSWORD", "value": "x" }`: the value goes by the name that stands beside it. */
  #named(copy: JsonObject, object: JsonObject, depth: number): Json {
    let verdict: NameVerdict | undefined;
    for (const key in copy) {
      const text = copy[key];
      if (typeof text !== "string" || text.length > 100 || this.#rules.name(key).role !== "name") continue;
      verdict ??= this.judge(text);
    }
    if (verdict === undefined) return copy;
    let clean = copy;
    for (const key in copy) {
      if (this.#rules.name(key).role !== "value") continue;
      const value = copy[key] as Json;
      const struck = this.#under(verdict, "", value, depth + 1);
      if (struck === value) continue;
      if (clean === object) clean = { ...object };
      clean[key] = struck;
    }
    return clean;
  }

  /** A string: a JSON document in it is gone through like any other, then its text is. */
  #text(text: string): string {
    const first = text.charCodeAt(0);
    const maybeJson = first === 123 || first === 91 || first === 34 || first <= 32;
    return redactText(maybeJson ? this.#json(text) : text, this);
  }

  #json(text: string): string {
    if (!/^\s*[[{"]/.test(text)) return text;
    const long = /\d{16}|\d[eE]/.test(text);
    let document: Json;
    try {
      document = (long ? JSON.parse(text, keepNumber) : JSON.parse(text)) as Json;
    } catch {
      return text;
    }
    if (this.#jsonLevel >= JSON_LEVELS_MAX) return this.#struck("depth");
    this.#jsonLevel++;
    const clean = this.#value(document, undefined, 0);
    this.#jsonLevel--;
    if (clean === document) return text;
    const written = JSON.stringify(clean);
    return long ? written.replace(/"\uE000([-+\w.]+)"/g, "$1").replaceAll("\uE000", "") : written;
  }

  #struck(rule: string): string {
    this.count(rule);
    return redacted;
  }
}

/** Whether there is anything to hide: nothing, yes or no, and how many ("tokens": 1500) are no secrets. */
function isSecret(value: Json | undefined, key: string): boolean {
  if (value === undefined || value === null || typeof value === "boolean" || value === "" || value === redacted)
    return false;
  if (typeof value === "number") return !/[a-z]s$/i.test(key) || /pass$/i.test(key);
  if (typeof value === "string" && noSecret.test(value)) return false;
  if (typeof value === "string") return !(/pwd$/i.test(key) && /^(?:[/~]|[A-Za-z]:\\)/.test(value)); // the working directory
  return Array.isArray(value) ? value.length > 0 : Object.keys(value).length > 0;
}

/** Words that tell of a secret without being one: `"httpTokens": "optional"`. */
const noSecret = /^(?:true|false|yes|no|none|null|optional|required|enabled|disabled|n\/a)$/i;

const isPair = (item: Json): boolean => Array.isArray(item) && item.length === 2 && typeof item[0] === "string";

/** A number that JavaScript would round, as a marked string; `#json` takes the mark off again. */
function keepNumber(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  return typeof value === "number" && source !== undefined && String(value) !== source ? `\uE000${source}` : value;
}

function letterSet(names: readonly string[]): ReadonlySet<string> {
  let set = sets.get(names);
  if (set === undefined) {
    set = new Set(names.map(lettersOf));
    sets.set(names, set);
  }
  return set;
}
