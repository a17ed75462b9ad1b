import { AppError, type Event, formatKeyValue, type Party, type PartyCount, type PartyPart } from "@daybook/contract";
import type { Deps } from "../../deps.ts";
import { readFacets } from "../search/facets.ts";
import type { CountedField } from "../search/fields.ts";
import { listEvents } from "../search/list.ts";
import { readPage } from "../search/page.ts";
import { planOf, type Searcher, scopeOf } from "../search/request.ts";
import { countPart, type DayCount } from "./party-counts.ts";
import { neighbourBlock, type PartyName, type PartyQueries, partyQueries } from "./party-query.ts";

/** Values shown of each field. */
const FREQUENT_MAX = 8;
const RELATED_MAX = 8;
/** Newest events that frequent and related values are counted in: what is frequent shows in them, and a page waits for it. */
const SAMPLE_EVENTS_MAX = 2_000;
/** Addresses of an actor that are looked at for others. */
const SHARED_ADDRESSES_MAX = 20;
/** Days of the picture at most: the newest. */
const DAYS_MAX = 400;

type PartyDeps = Pick<Deps, "db" | "origin">;

/**
 * Who or what a party is, and what the log has of it, as far as the caller sees it. Throws not_found for an actor or
 * target without an event in sight; an address is told even without one, with its country and network.
 */
export async function readParty(deps: PartyDeps, searcher: Searcher, name: PartyName): Promise<Party> {
  const found = await findParty(deps, searcher, name);
  const { queries, latest } = found;
  const [parts, frequent] = await Promise.all([
    readParts(deps, searcher, queries),
    readFrequent(deps, searcher, queries.all),
  ]);
  const related = await readRelated(deps, searcher, name, queries.all, latest, frequent);
  const times = parts.flatMap(({ part }) => (part.role === "owned" ? [] : [part]));
  const firstAt = times.flatMap((part) => part.firstAt ?? []).sort()[0];
  const lastAt = times
    .flatMap((part) => part.lastAt ?? [])
    .sort()
    .at(-1);
  return {
    kind: name.kind,
    id: name.id,
    ...factsOf(deps, name, latest),
    query: queries.all,
    ...(firstAt === undefined ? {} : { firstAt }),
    ...(lastAt === undefined ? {} : { lastAt }),
    parts: parts.map(({ part }) => part),
    ...daysOf(parts),
    frequent,
    related,
  };
}

/** The latest event, and the queries that find it: by the id, else by the e-mail address or name of an actor without one. */
async function findParty(
  { db }: PartyDeps,
  searcher: Searcher,
  name: PartyName,
): Promise<{ queries: PartyQueries; latest: Event | undefined }> {
  for (const byId of name.kind === "actor" ? [true, false] : [true]) {
    const queries = partyQueries(name, byId);
    // A bare id may be that of somebody else, of another type: `user/42` is not on the page of `staff/42`.
    const found = byId ? queries.all : `${queries.all} ${formatKeyValue("actor", name.type)}`;
    const scope = scopeOf(searcher, { q: found });
    const { items } = await listEvents(db, scope, "desc", 1);
    if (items[0] !== undefined || name.kind === "address") return { queries, latest: items[0] };
  }
  throw new AppError("not_found", `The log has no event of ${name.type}/${name.id} that you may see.`);
}

interface CountedPart {
  part: PartyPart;
  days: Map<number, DayCount>;
  relation: "eq" | "gte";
}

async function readParts(deps: PartyDeps, searcher: Searcher, { parts }: PartyQueries): Promise<CountedPart[]> {
  const read: CountedPart[] = [];
  for (const part of parts) {
    const [counts, first, last] = await Promise.all([
      countPart(deps.db, searcher, part),
      timeOf(deps, searcher, part.query, "asc"),
      timeOf(deps, searcher, part.query, "desc"),
    ]);
    if (last === undefined && parts.length > 1) continue;
    const { total, byOutcome, days, relation } = counts;
    read.push({
      part: {
        role: part.role,
        query: part.query,
        total,
        byOutcome,
        ...(first === undefined ? {} : { firstAt: first }),
        ...(last === undefined ? {} : { lastAt: last }),
      },
      days,
      relation,
    });
  }
  return read;
}

async function timeOf(
  deps: PartyDeps,
  searcher: Searcher,
  q: string,
  order: "asc" | "desc",
): Promise<string | undefined> {
  const [row] = await readPage(deps.db, planOf(searcher, { q }), { order, limit: 1 });
  return row === undefined ? undefined : new Date(row.occurredAtMs).toISOString();
}

/** What is known of the party: of an actor or target from its latest event, of an address from the network data. */
function factsOf({ origin }: PartyDeps, name: PartyName, latest: Event | undefined): Partial<Party> {
  if (name.kind === "address") {
    const { country, asn, network } = { ...origin.locate(name.id), ...latest?.origin };
    return {
      ...(country === undefined ? {} : { country }),
      ...(asn === undefined ? {} : { asn }),
      ...(network === undefined ? {} : { network }),
    };
  }
  const wanted = name.id.toLowerCase();
  const isMeant = (each: {
    type: string;
    id?: string | undefined;
    name?: string | undefined;
    email?: string | undefined;
  }) => each.type === name.type && [each.id, each.email, each.name].some((text) => text?.toLowerCase() === wanted);
  const actor = [latest?.actor, latest?.onBehalfOf].find((each) => each !== undefined && isMeant(each));
  const target = latest?.targets.find(isMeant);
  const label = actor?.name ?? target?.name;
  return {
    type: name.type,
    ...(label === undefined ? {} : { name: label }),
    ...(actor?.email === undefined ? {} : { email: actor.email }),
    ...(target?.ownerId === undefined ? {} : { ownerId: target.ownerId }),
  };
}

/** The days of the parts that are the party's own, together. An event of both parts counts in both. */
function daysOf(parts: readonly CountedPart[]): Pick<Party, "days" | "daysRelation"> {
  const days = new Map<number, DayCount>();
  const own = parts.filter(({ part }) => part.role !== "owned");
  for (const { startMs, total, failed } of own.flatMap((part) => [...part.days.values()])) {
    const day = days.get(startMs) ?? { startMs, total: 0, failed: 0 };
    days.set(startMs, { startMs, total: day.total + total, failed: day.failed + failed });
  }
  return {
    days: [...days.values()]
      .sort((left, right) => left.startMs - right.startMs)
      .slice(-DAYS_MAX)
      .map(({ startMs, total, failed }) => ({ start: new Date(startMs).toISOString(), total, failed })),
    daysRelation: own.every((part) => part.relation === "eq") ? "eq" : "gte",
  };
}

async function readFrequent(deps: PartyDeps, searcher: Searcher, q: string): Promise<Party["frequent"]> {
  const fields: CountedField[] = ["action", "actor", "target"];
  if (searcher.sight.personal) fields.push("ip");
  const { values } = await readFacets(deps.db, planOf(searcher, { q }), fields, FREQUENT_MAX + 1, SAMPLE_EVENTS_MAX);
  const of = (field: CountedField): PartyCount[] => (values.get(field) ?? []).slice(0, FREQUENT_MAX).map(counted);
  return { action: of("action"), actor: of("actor"), target: of("target"), ip: of("ip") };
}

const counted = ({ value, label, events }: { value: string; label: string | null; events: number }): PartyCount => ({
  value,
  ...(label === null ? {} : { label }),
  count: events,
});

/** Others that belong to the party: who acts from the same addresses, what has the same owner, who is in the same network. */
async function readRelated(
  { db }: PartyDeps,
  searcher: Searcher,
  name: PartyName,
  q: string,
  latest: Event | undefined,
  frequent: Party["frequent"],
): Promise<Party["related"]> {
  const find = async (
    words: string,
    field: CountedField,
    kind: Party["kind"],
    because: "address" | "owner" | "network",
  ) => {
    const { values } = await readFacets(
      db,
      planOf(searcher, { q: words }),
      [field],
      RELATED_MAX + 1,
      SAMPLE_EVENTS_MAX,
    );
    return (values.get(field) ?? []).map((value) => ({ ...counted(value), kind, because }));
  };
  const self = `${name.type}/${name.id}`.toLowerCase();
  if (name.kind === "address") {
    if (!searcher.sight.personal) return [];
    return (await find(`ip:${neighbourBlock(name.id)} -${q}`, "ip", "address", "network")).slice(0, RELATED_MAX);
  }
  const ownerId = latest?.targets.find((target) => `${target.type}/${target.id}`.toLowerCase() === self)?.ownerId;
  if (ownerId !== undefined) {
    const owned = await find(`${formatKeyValue("owner", ownerId)} -${q}`, "target", "target", "owner");
    return owned.filter(({ value }) => value.startsWith(`${name.type}/`)).slice(0, RELATED_MAX);
  }
  const isActor = frequent.actor.some(({ value }) => value.toLowerCase() === self);
  const addresses = frequent.ip.slice(0, SHARED_ADDRESSES_MAX).map(({ value }) => value);
  if (!isActor || addresses.length === 0) return [];
  return (await find(`ip:${addresses.join(",")} -${q}`, "actor", "actor", "address")).slice(0, RELATED_MAX);
}
