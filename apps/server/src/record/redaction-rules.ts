import { isHarmless, judgeName, type NameVerdict, wordsOf } from "./redaction-names.ts";
import { redactText } from "./redaction-text.ts";

export interface RedactionOptions {
  /** Field names that are secret here besides the known ones, in any spelling. */
  extraFields?: readonly string[] | undefined;
  /** Field names that are no secret here although they look like one, in any spelling. */
  keptFields?: readonly string[] | undefined;
}

/** What a key is, worked out once and kept. */
export interface KnownName {
  verdict: NameVerdict | undefined;
  /** Its words in one, to compare with the names that an action lists. */
  letters: string;
  harmless: boolean;
  /** An AWS key's id tells who acted and opens nothing. */
  keyId: boolean;
  /** The key itself without a secret in it. */
  clean: string;
  /** It names what another member holds, or holds it. */
  role: "name" | "value" | undefined;
}

/** Names kept in memory. They come from outside: past this the memory starts afresh. */
const NAMES_MAX = 20_000;
const AGENTS_MAX = 5_000;

const custom: NameVerdict = { rule: "custom", telling: false };

/** Members that name what another member of the same object holds: `{ "name": "DB_PASSWORD", "value": "x" }`. */
const nameKeys = new Set(
  "name key id field variable header param parameter parameterkey parametername env attribute setting option type".split(
    " ",
  ),
);
const valueKeys = new Set(
  "value val v old new oldvalue newvalue from to before after content current previous default defaultvalue data parametervalue".split(
    " ",
  ),
);

/** Which names are secret. Make one for the process: it remembers every name it judged. */
export class RedactionRules {
  readonly #extra: ReadonlySet<string>;
  readonly #kept: ReadonlySet<string>;
  #names = new Map<string, KnownName>();
  /** User agents without a secret: the longest string of most events, and one of few. */
  #agents = new Set<string>();

  constructor(options: RedactionOptions = {}) {
    const letters = (names: readonly string[] | undefined) => new Set((names ?? []).map(lettersOf));
    this.#extra = letters(options.extraFields);
    this.#kept = letters(options.keptFields);
  }

  /** What is known of a field's name. */
  name(name: string): KnownName {
    let known = this.#names.get(name);
    if (known === undefined) {
      if (this.#names.size >= NAMES_MAX) this.#names = new Map();
      known = this.#judge(name);
      this.#names.set(name, known);
    }
    return known;
  }

  /** The user agent was seen before and holds no secret. */
  isKnownAgent(userAgent: string): boolean {
    return this.#agents.has(userAgent);
  }

  learnAgent(userAgent: string): void {
    if (this.#agents.size >= AGENTS_MAX) this.#agents = new Set();
    this.#agents.add(userAgent);
  }

  #judge(name: string): KnownName {
    const words = wordsOf(name);
    const letters = words.join("");
    const kept = this.#kept.has(letters);
    const verdict = kept ? undefined : this.#isExtra(words) ? custom : judgeName(words);
    const clean = redactText(name, { judge: () => undefined, count: () => undefined });
    const role = nameKeys.has(letters) ? "name" : valueKeys.has(letters) ? "value" : undefined;
    return { verdict, letters, harmless: isHarmless(words), keyId: letters.endsWith("accesskeyid"), clean, role };
  }

  /** `ssn` covers `customerSsn` and `customer.ssn` as well. */
  #isExtra(words: readonly string[]): boolean {
    return this.#extra.size > 0 && words.some((_, at) => this.#extra.has(words.slice(at).join("")));
  }
}

/** A name without its style: `dbPassword` and `DB_PASSWORD` are `dbpassword`. */
export const lettersOf = (name: string): string => wordsOf(name).join("");
