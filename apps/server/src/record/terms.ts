import {
  type Actor,
  actorTypes,
  authMethods,
  type Change,
  fold,
  type Json,
  kinds,
  outcomes,
  severities,
  type Target,
} from "@daybook/contract";
import type { EventRow } from "./event-row.ts";

/**
 * Search terms: each `key=value` that a query can ask for, as one signed 32-bit hash in `event.terms`, under one GIN index.
 * A hash only finds candidates; the exact predicate decides. So equal hashes cost time, never truth.
 *
 * Terms of an event (values folded, see `fold`; common values left out, see `hasTerm`): actor = type, id, name, email ·
 * behalf = the same of onBehalfOf · target = type, id, name of every target · owner · action, and prefix = each leading
 * part ("server", "server.power") that is not the category · category, kind, severity, outcome, reason, project · ip =
 * address, net = its /16 (IPv6 /48) · country, asn, network, browser, os, session, request, auth · field = each changed
 * field · details.<path> = each leaf, at most DETAIL_TERMS_MAX; an event with more has the term `overflow=details`
 * instead of the rest, so a query on details must also take candidates with `overflow=details`.
 * `actor:user/42` asks for two terms, actor=user and actor=42.
 */
export type TermKey = string;

/** Leaves of `details` with a term of their own: more would make one event cost as much as ten. */
export const DETAIL_TERMS_MAX = 24;

/**
 * Values that so many events have that an index on them finds nothing faster than reading the newest events does. They
 * have no term: each one costs a write about a microsecond (COPY with 29 terms 36 us of CPU a row, with 18 terms 20 us;
 * PostgreSQL 18.4, 200,000 rows, 2026-11-21).
 */
const common: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["actor", new Set(["user"])],
  ["kind", new Set(["user"])],
  ["outcome", new Set(["success"])],
  ["severity", new Set(["info"])],
  ["auth", new Set(["session", "api_key"])],
  ["os", new Set(["windows", "macos", "linux", "android", "ios"])],
]);

/** Whether an event with this key and value has a term for it; a query for one that has none cannot use the index. */
export function hasTerm(key: TermKey, value: string): boolean {
  const values = common.get(key);
  return values === undefined || !values.has(fold(value));
}

/** FNV-1a over UTF-16 code units of folded `key`, NUL, folded `value`; a signed 32-bit integer (PostgreSQL int). */
export function termHash(key: TermKey, value: string): number {
  return hashFolded(keyHash(key), value);
}

const keyHashes = new Map<string, number>();

function keyHash(key: string): number {
  const known = keyHashes.get(key);
  if (known !== undefined) return known;
  const hash = Math.imul(hashFolded(0x811c9dc5, key), 0x01000193) | 0;
  if (keyHashes.size < 5_000) keyHashes.set(key, hash);
  return hash;
}

/** Folds ASCII as it goes: no copy of the text is made, which halves the cost of a term. */
function hashFolded(start: number, text: string): number {
  let hash = start;
  for (let index = 0; index < text.length; index++) {
    let code = text.charCodeAt(index);
    if (code > 127) return hashExact(start, fold(text));
    if (code >= 65 && code <= 90) code += 32;
    hash = Math.imul(hash ^ code, 0x01000193);
  }
  return hash | 0;
}

function hashExact(start: number, text: string): number {
  let hash = start;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash | 0;
}

/**
 * The network of an address that has a term: the /16 of IPv4, the /48 of IPv6, as text before the cut. Of all addresses few
 * are in one log, so the events of a /24 are most of those of its /16; a /8 is 256 terms, with a term for the /24 it would
 * be 65,536.
 */
export function networkTerm(ip: string): string {
  if (!ip.includes(":")) return `${ip.slice(0, ip.indexOf(".", ip.indexOf(".") + 1))}/16`;
  return `${expandIpv6(ip).slice(0, 3).join(":")}/48`;
}

/** The eight groups of an IPv6 address, without leading zeros. */
export function expandIpv6(ip: string): string[] {
  const [head = "", tail] = ip.split("::");
  const left = head === "" ? [] : head.split(":");
  if (tail === undefined) return left;
  const right = tail === "" ? [] : tail.split(":");
  return [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0"), ...right];
}

/** Room for the terms of one row before they are sorted; grows when a row has more. */
let room = new Int32Array(256);

/** The sorted, distinct terms of a row. */
export function termsOf(row: EventRow): number[] {
  let count = 0;
  eachTerm(row, (key, value) => {
    if (count === room.length) {
      const larger = new Int32Array(room.length * 2);
      larger.set(room);
      room = larger;
    }
    room[count++] = termHash(key, value);
  });
  const sorted = room.subarray(0, count).sort();
  const distinct: number[] = [];
  for (let index = 0; index < count; index++) {
    if (index === 0 || sorted[index] !== sorted[index - 1]) distinct.push(sorted[index] as number);
  }
  return distinct;
}

/** Calls `term` with each key and value that a row has a term for; some more than once. */
export function eachTerm(row: EventRow, term: (key: TermKey, value: string) => void): void {
  const add = (key: string, value: string | null | undefined): void => {
    if (value !== null && value !== undefined && value !== "" && hasTerm(key, value)) term(key, value);
  };
  add("actor", actorTypes[row.actorType]);
  add("actor", row.actorId);
  add("actor", row.actorName);
  add("actor", row.actorEmail);
  addAction(row, add);
  add("category", row.category);
  add("kind", kinds[row.kind]);
  add("severity", severities[row.severity]);
  add("outcome", outcomes[row.outcome]);
  add("reason", row.reason);
  add("project", row.project);
  addOrigin(row, add);
  add("target", row.targetType);
  add("target", row.targetId);
  add("target", row.targetName);
  add("owner", row.targetOwnerId);
  eachJsonTerm(row, term);
}

/** The part of `eachTerm` that is about the JSON columns. Throws SyntaxError when one is not JSON. */
export function eachJsonTerm(
  row: Pick<EventRow, "onBehalfOf" | "moreTargets" | "changes" | "details">,
  term: (key: TermKey, value: string) => void,
): void {
  const add = (key: string, value: string | null | undefined): void => {
    if (value !== null && value !== undefined && value !== "" && hasTerm(key, value)) term(key, value);
  };
  if (row.moreTargets !== null) {
    for (const target of JSON.parse(row.moreTargets) as Target[]) {
      add("target", target.type);
      add("target", target.id);
      add("target", target.name);
      add("owner", target.ownerId);
    }
  }
  if (row.onBehalfOf !== null) {
    const behalf = JSON.parse(row.onBehalfOf) as Actor;
    for (const value of [behalf.type, behalf.id, behalf.name, behalf.email]) add("behalf", value);
  }
  if (row.changes !== null) for (const change of JSON.parse(row.changes) as Change[]) add("field", change.field);
  if (row.details !== null) addDetails(JSON.parse(row.details) as Json, add);
}

function addAction({ action, category }: EventRow, add: (key: string, value: string) => void): void {
  add("action", action);
  for (let dot = action.indexOf("."); dot > 0; dot = action.indexOf(".", dot + 1)) {
    const prefix = action.slice(0, dot);
    if (prefix !== category) add("prefix", prefix);
  }
}

function addOrigin(row: EventRow, add: (key: string, value: string | null | undefined) => void): void {
  if (row.ip !== null) {
    add("ip", row.ip);
    add("net", networkTerm(row.ip));
  }
  add("country", row.country);
  if (row.asn !== null) add("asn", `${row.asn}`);
  add("network", row.network);
  add("browser", row.browser);
  add("os", row.os);
  add("session", row.sessionId);
  add("request", row.requestId);
  if (row.auth !== null) add("auth", authMethods[row.auth]);
}

function addDetails(details: Json, add: (key: string, value: string) => void): void {
  let leaves = 0;
  const walk = (value: Json, path: string): void => {
    if (value !== null && typeof value === "object") {
      if (Array.isArray(value)) for (const item of value) walk(item, path);
      else for (const key of Object.keys(value)) walk(value[key] ?? null, `${path}.${key}`);
      return;
    }
    if (++leaves > DETAIL_TERMS_MAX) add("overflow", "details");
    else add(path, value === null ? "null" : `${value}`);
  };
  walk(details, "details");
}
