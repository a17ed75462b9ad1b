import {
  type AddressBlock,
  authMethods,
  fold,
  foldPattern,
  isAny,
  isName,
  type KeyTerm,
  kinds,
  matchesPattern,
  outcomes,
  type Pattern,
  parseAddressBlock,
  patternsOf,
  severities,
  severitiesOf,
  typedIds,
} from "@daybook/contract";
import { normaliseIp } from "../origin/address.ts";
import { hasTerm, networkTerm, termHash } from "../terms.ts";
import { likePattern, type Parameters } from "./parameters.ts";

/** The text of an event as the trigram indexes of sealed partitions have it. */
export const eventTextSql =
  "event_text(summary, actor_id, actor_name, actor_email, on_behalf_of, target_id, target_name, target_owner_id, more_targets, ip, details)";

/** Fewer characters in a row than this have no trigram. */
const TRIGRAM_LENGTH = 3;
/** More networks than this in one block (an IPv4 /8 has as many) are not looked up one by one. */
const BLOCK_TERMS_MAX = 256;

/**
 * One way to match a value: all of `terms` are among the event's terms, and the event's text holds the pattern `text`.
 * A value without any way that an index knows cannot be probed.
 */
interface Way {
  terms?: number[];
  text?: Pattern;
}

export interface Probe {
  sql: string[];
  byTerms: boolean;
  byText: boolean;
}

/** The index conditions that every match of a term with a key fulfils; none when no index helps. */
export function probeOf(term: KeyTerm, parameters: Parameters, withText: boolean): Probe {
  const ways = waysOf(term) ?? [];
  const byTerms = ways.length > 0 && ways.every((way) => way.terms !== undefined);
  const byText = ways.some((way) => way.text !== undefined);
  const sql: string[] = [];
  if (byTerms)
    sql.push(
      waysSql(
        ways.map(({ terms = [] }) => ({ terms })),
        parameters,
      ),
    );
  if (byText && withText) sql.push(waysSql(ways, parameters));
  return { sql, byTerms, byText };
}

/** Whether a text index can look for a pattern. */
export const hasTrigram = (pattern: Pattern): boolean => pattern.some((part) => part.length >= TRIGRAM_LENGTH);

const textSql = (pattern: Pattern, parameters: Parameters): string =>
  `${eventTextSql} like ${parameters.add(`%${likePattern(pattern)}%`)}`;

/**
 * Hashes as a subselect: their values are then unknown to the planner, which takes its default for the frequency (0.5 %)
 * and so the index of terms. With the values it guesses from statistics that a hash seldom is in, and reads all rows.
 */
const hashes = (values: readonly number[], parameters: Parameters): string =>
  `(select ${parameters.add(values)}::int[])`;

function waysSql(ways: readonly Way[], parameters: Parameters): string {
  const single = ways
    .filter((way) => way.terms?.length === 1 && way.text === undefined)
    .flatMap((way) => way.terms ?? []);
  const tests = single.length > 0 ? [`terms && ${hashes(single, parameters)}`] : [];
  for (const { terms = [], text } of ways) {
    if (terms.length === 1 && text === undefined) continue;
    const both: string[] = [];
    if (terms.length > 0) both.push(`terms @> ${hashes(terms, parameters)}`);
    if (text !== undefined) both.push(textSql(text, parameters));
    tests.push(both.length === 1 ? (both[0] ?? "") : `(${both.join(" and ")})`);
  }
  return tests.length === 1 ? (tests[0] ?? "") : `(${tests.join(" or ")})`;
}

/** All ways in which an event can match; undefined when one of them is known to no index. */
function waysOf(term: KeyTerm): Way[] | undefined {
  const patterns = patternsOf(term).map(foldPattern);
  switch (term.key) {
    case "actor":
    case "behalf":
    case "target":
      return all(patterns, (pattern) => partyWays(term.key, pattern));
    case "party":
      return all(patterns, anyPartyWays);
    case "owner":
      return all(patterns, (pattern) => valueWays("owner", pattern, true));
    case "action":
      return all(patterns, actionWays);
    case "ip":
      return addressWays(term, patterns);
    case "details":
      return all(patterns, (pattern) => detailWays(fold(term.path), pattern));
    case "kind":
      return choiceWays("kind", kinds, patterns);
    case "auth":
      return choiceWays("auth", authMethods, patterns);
    case "outcome":
      return choiceWays("outcome", outcomes, patterns);
    case "severity":
      return namedWays(
        "severity",
        severitiesOf(term).map((code) => severities[code] ?? ""),
      );
    case "id":
    case "seq":
    case "created":
      return undefined;
    default:
      return all(patterns, (pattern) => valueWays(term.key, pattern, false));
  }
}

function all(patterns: readonly Pattern[], waysOfOne: (pattern: Pattern) => Way[] | undefined): Way[] | undefined {
  const ways: Way[] = [];
  for (const pattern of patterns) {
    const more = isAny(pattern) ? undefined : waysOfOne(pattern);
    if (more === undefined) return undefined;
    ways.push(...more);
  }
  return ways;
}

/** A value with a term; with wildcards it is looked for in the event's text, when it is part of it. */
function valueWays(key: string, pattern: Pattern, inText: boolean): Way[] | undefined {
  if (pattern.length > 1) return inText ? textWays(pattern) : undefined;
  return termWays(key, pattern[0] ?? "");
}

/** Undefined when the value is empty or so common that it has no term. */
function termWays(key: string, value: string): Way[] | undefined {
  return value === "" || !hasTerm(key, value) ? undefined : [{ terms: [termHash(key, value)] }];
}

/** Values inside JSON are escaped there, so a pattern that would be escaped is not looked for. */
function textWays(pattern: Pattern): Way[] | undefined {
  const escaped = pattern.some((part) => JSON.stringify(part).length !== part.length + 2);
  return escaped || !hasTrigram(pattern) ? undefined : [{ text: pattern }];
}

function partyWays(key: string, pattern: Pattern): Way[] | undefined {
  const ways = isName(pattern) ? valueWays(key, pattern, true) : [];
  for (const { type, id } of typedIds(pattern)) {
    const [text] = textWays(id) ?? [];
    // A whole id alone: types are frequent, and an index reads all places of a frequent term.
    const [byTerm = text] = termWays(key, id.length === 1 ? (id[0] ?? "") : type) ?? [];
    if (byTerm === undefined || ways === undefined) return undefined;
    ways.push(id.length === 1 ? byTerm : { ...byTerm, ...text });
  }
  return ways;
}

/** The ways of all three roles; undefined when one of them is known to no index. */
function anyPartyWays(pattern: Pattern): Way[] | undefined {
  const ways = ["actor", "behalf", "target"].map((key) => partyWays(key, pattern));
  return ways.every((each) => each !== undefined) ? ways.flat() : undefined;
}

function actionWays(pattern: Pattern): Way[] | undefined {
  const [first = ""] = pattern;
  if (pattern.length === 1) return first === "" ? undefined : [{ terms: [termHash("action", first)] }];
  const dot = first.lastIndexOf(".");
  if (dot <= 0) return undefined;
  const prefix = first.slice(0, dot);
  return [{ terms: [termHash("prefix", prefix)] }, { terms: [termHash("category", prefix)] }];
}

function detailWays(path: string, pattern: Pattern): Way[] | undefined {
  const [first = ""] = pattern;
  if (pattern.length > 1) return textWays(pattern);
  if (first === "") return undefined;
  return [{ terms: [termHash(`details.${path}`, first)] }, { terms: [termHash("overflow", "details")] }];
}

const matchesAny = (patterns: readonly Pattern[], text: string): boolean =>
  patterns.some((pattern) => matchesPattern(pattern, text));

function choiceWays(key: string, names: readonly string[], patterns: readonly Pattern[]): Way[] | undefined {
  return namedWays(
    key,
    names.filter((name) => matchesAny(patterns, name)),
  );
}

/** Undefined when one of the names is so common that it has no term. */
function namedWays(key: string, names: readonly string[]): Way[] | undefined {
  return names.every((name) => hasTerm(key, name))
    ? names.map((name) => ({ terms: [termHash(key, name)] }))
    : undefined;
}

function addressWays(term: KeyTerm, patterns: readonly Pattern[]): Way[] | undefined {
  const ways = all(patterns, (pattern) => octetWays(pattern) ?? textWays(pattern));
  for (const value of term.values) {
    if (value.type !== "block") continue;
    const more = blockTerms(value.block);
    if (more === undefined || ways === undefined) return undefined;
    ways.push(...more.map((hash) => ({ terms: [hash] })));
  }
  return ways;
}

/** `203.0.113.*` and `203.0.*` are a /24 and a /16. */
function octetWays(pattern: Pattern): Way[] | undefined {
  const octets = (pattern[0] ?? "").split(".").slice(0, -1);
  if (octets.length < 2 || octets.length > 3) return undefined;
  const block = parseAddressBlock(`${octets.join(".")}${".0".repeat(4 - octets.length)}/${octets.length * 8}`);
  return block === undefined ? undefined : blockTerms(block)?.map((hash) => ({ terms: [hash] }));
}

/**
 * The terms that cover a block: of an address its own, else of the networks inside it or of the one around it
 * (/16 of IPv4, /48 of IPv6, see terms.ts). Undefined when it holds too many of them.
 */
function blockTerms(block: AddressBlock): number[] | undefined {
  const { bytes, bits } = block;
  const wide = bytes.length * 8;
  if (bits === wide) {
    const text = normaliseIp(addressText(bytes));
    return text === null ? undefined : [termHash("ip", text)];
  }
  const level = wide === 32 ? 16 : 48;
  const count = bits >= level ? 1 : 2 ** (level - bits);
  if (count > BLOCK_TERMS_MAX) return undefined;
  const networks = level / 8;
  const base = bytes.slice(0, networks).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  const first = (base / BigInt(count)) * BigInt(count);
  return Array.from({ length: count }, (_, index) => {
    const hex = (first + BigInt(index)).toString(16).padStart(networks * 2, "0");
    const address = [...(hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16))];
    const text = addressText([...address, ...Array<number>(bytes.length - networks).fill(0)]);
    return termHash("net", networkTerm(text));
  });
}

function addressText(bytes: readonly number[]): string {
  if (bytes.length === 4) return bytes.join(".");
  return Array.from({ length: 8 }, (_, index) =>
    (((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0)).toString(16),
  ).join(":");
}
