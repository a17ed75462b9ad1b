import { type Json, redacted } from "@daybook/contract";
import { storable } from "../db/storable.ts";
import type { RedactionRules } from "../record/redaction.ts";
import { RedactionRun } from "../record/redaction-run.ts";
import { Masking, masked } from "./masking.ts";
import { oneTimeSecrets, type SaidParts } from "./one-time.ts";

/** What is cut of values that lie under secret names: shorter ones would stand in every other word. */
const REDACTED_LENGTH_MIN = 5;

/**
 * Takes everything out of a mail that must not be readable afterwards, before any of it is stored: the secrets that its template marks, those
 * that the caller names, the one-time links, codes and passwords that are recognised, what lies under secret names in its data, and what the
 * redaction rules of the record strike out.
 */
export class Cleaning {
  readonly #run: RedactionRun;
  readonly #masking: Masking;

  /** `data`: what the template was given, as it is. */
  constructor(rules: RedactionRules, said: SaidParts, secrets: Iterable<string>, data?: Json | undefined) {
    this.#run = new RedactionRun(rules, []);
    const found = oneTimeSecrets(said);
    for (const secret of secrets) found.add(secret);
    if (data !== undefined) {
      const struck = new RedactionRun(rules, []).part("details", data) as Json;
      for (const value of lost(data, struck)) found.add(value);
    }
    this.#masking = new Masking(found);
  }

  /** How many places were masked or redacted until now. */
  get places(): number {
    let redactions = 0;
    for (const count of this.#run.counts?.values() ?? []) redactions += count;
    return this.#masking.places + redactions;
  }

  text(text: string): string {
    const clean = this.#run.part("text", this.#masking.text(text)) as string;
    // Most texts can be stored as they are: that costs two looks, and not a copy.
    return clean.includes("\0") || !clean.isWellFormed() ? storable(clean) : clean;
  }

  json<T>(value: T): T {
    if (value === undefined || value === null) return value;
    const whole = this.#masking.json(value as Json);
    const clean = this.#run.part("details", whole) as Json;
    return storable(clean === whole ? clean : withMarks(whole, clean)) as T;
  }
}

/** The redacted value, but what was masked before says so. */
function withMarks(before: Json, after: Json): Json {
  if (before === masked) return masked;
  if (before === null || typeof before !== "object" || after === null || typeof after !== "object") return after;
  if (Array.isArray(after)) return after.map((item, at) => withMarks((before as Json[])[at] ?? null, item));
  const old = before as Record<string, Json>;
  return Object.fromEntries(Object.entries(after).map(([name, item]) => [name, withMarks(old[name] ?? null, item)]));
}

/** The texts and numbers of a value of which redaction left nothing. */
function lost(before: Json | undefined, after: Json | undefined): string[] {
  if (after === redacted && before !== redacted) return leaves(before);
  if (before === null || typeof before !== "object" || after === null || typeof after !== "object") return [];
  const others = after as Record<string, Json>;
  return Object.entries(before).flatMap(([name, value]) => lost(value, others[name]));
}

function leaves(value: Json | undefined): string[] {
  if (typeof value === "string" || typeof value === "number") {
    const text = String(value);
    return text.length >= REDACTED_LENGTH_MIN ? [text] : [];
  }
  if (value === null || value === undefined || typeof value !== "object") return [];
  return Object.values(value).flatMap(leaves);
}
