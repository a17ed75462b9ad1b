import { compileQuery, type Event, outcomes, parseQuery, type Query } from "@daybook/contract";
import { type TestDatabase, testDatabase } from "@daybook/testkit";
import { appendRows, eventRows } from "@daybook/testkit/event-rows.ts";
import { queryTexts } from "@daybook/testkit/query-samples.ts";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { toEvent } from "../event-row.ts";
import { fullSight } from "../sight.ts";
import { readFacets } from "./facets.ts";
import { type CountedField, countedFieldNames } from "./fields.ts";
import { countBy, parseGrouping } from "./grouping.ts";
import { readHistogram } from "./histogram.ts";
import { SearchPlan } from "./plan.ts";
import { reading } from "./reading.ts";
import { rollUp } from "./roll-up.ts";
import { exactTotal, listTotal } from "./total.ts";

let database: TestDatabase;
let events: Event[];
const now = Date.UTC(2026, 10, 21);

beforeAll(async () => {
  database = await testDatabase();
  const rows = fc.sample(eventRows, { numRuns: 600, seed: 20261121 });
  const { db, ownerDb, workspaceId } = database;
  await appendRows(db, ownerDb, workspaceId, rows.slice(0, 500));
  await rollUp(ownerDb, workspaceId);
  await appendRows(db, ownerDb, workspaceId, rows.slice(500));
  events = rows.map(toEvent);
});

afterAll(() => database.close());

const instant = fc
  .oneof(
    fc.constantFrom("2026-11-17", "2026-11-18T10:00", "2026-11-18", "2026-11-19T10:00:00.250Z", "2026-11-20"),
    fc.integer({ min: 0, max: 96 * 60 }).map((minutes) => new Date(Date.UTC(2026, 10, 17, 0, minutes)).toISOString()),
  )
  .map((text) => Date.parse(text.length === 16 ? `${text}Z` : text));
const range = fc.record({ fromMs: instant, toMs: instant }, { requiredKeys: [] });
const queries = fc.oneof(
  fc.constantFrom(
    "",
    "outcome:failure",
    "-outcome:success",
    "action:server.*",
    "kind:user -outcome:denied",
    "-action:auth.login",
    "country:DE",
    "severity>=high",
    "created>=2026-11-18",
  ),
  queryTexts,
);

function planOf(query: Query, { fromMs, toMs }: { fromMs?: number; toMs?: number }): [SearchPlan, Event[]] {
  const filter = compileQuery(query);
  const found = events.filter((event) => {
    const time = Date.parse(event.occurredAt);
    return time >= (fromMs ?? -Infinity) && time < (toMs ?? Infinity) && filter(event);
  });
  return [new SearchPlan({ workspaceId: database.workspaceId, sight: fullSight, query, fromMs, toMs }), found];
}

test("totals are those of a filter in memory", async () => {
  await fc.assert(
    fc.asyncProperty(queries, range, async (text, bounds) => {
      const [plan, found] = planOf(parseQuery(text), bounds);
      expect(await reading(database.db, 10_000, (client) => listTotal(client, plan, 0))).toEqual({
        value: found.length,
        relation: "eq",
      });
      expect(await exactTotal(database.db, plan, 10_000)).toBe(found.length);
    }),
    { numRuns: 150 },
  );
}, 60_000);

test("the buckets of a histogram hold what a filter in memory finds in their time", async () => {
  await fc.assert(
    fc.asyncProperty(queries, range, fc.constantFrom(3, 10, 60), async (text, bounds, bucketsMax) => {
      const [plan, found] = planOf(parseQuery(text), bounds);
      const { buckets, bucketMs, relation } = await readHistogram(database.db, plan, bucketsMax, now);
      expect(relation).toBe("eq");
      expect(buckets.length).toBeLessThanOrEqual(bucketsMax + 2);
      const inside = found.filter((event) => Date.parse(event.occurredAt) < (bounds.toMs ?? Infinity));
      expect(buckets.flatMap((bucket) => bucket.byOutcome).reduce((sum, count) => sum + count, 0)).toBe(inside.length);
      for (const { startMs, byOutcome } of buckets) {
        const here = inside.filter(
          ({ occurredAt }) => Date.parse(occurredAt) >= startMs && Date.parse(occurredAt) < startMs + bucketMs,
        );
        expect(byOutcome).toEqual(outcomes.map((outcome) => here.filter((event) => event.outcome === outcome).length));
      }
    }),
    { numRuns: 150 },
  );
}, 60_000);

function valuesOf(event: Event, field: CountedField): string[] {
  const { actor, targets, origin } = event;
  if (field === "actor")
    return [actor.id === undefined ? (actor.email ?? actor.name ?? actor.type) : `${actor.type}/${actor.id}`];
  if (field === "target") return [...new Set(targets.map(({ type, id }) => `${type}/${id}`))];
  const value = field === "ip" || field === "country" ? origin[field] : event[field];
  return value === undefined ? [] : [value];
}

test("the values of facets are counted as a filter in memory counts them", async () => {
  await fc.assert(
    fc.asyncProperty(queries, range, fc.constantFrom(1, 3, 100), async (text, bounds, limit) => {
      const [plan, found] = planOf(parseQuery(text), bounds);
      const { values, relation } = await readFacets(database.db, plan, countedFieldNames, limit);
      expect(relation).toBe("eq");
      for (const field of countedFieldNames) {
        const counts = new Map<string, number>();
        for (const event of found)
          for (const value of valuesOf(event, field)) counts.set(value, (counts.get(value) ?? 0) + 1);
        const expected = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, limit);
        expect(values.get(field)?.map(({ value, events }) => [value, events])).toEqual(expected);
      }
    }),
    { numRuns: 150 },
  );
}, 60_000);

test("without kept counts the newest events are counted, and that is said", async () => {
  const [plan, found] = planOf(parseQuery("-reason:dana"), {});
  const newest = [...found]
    .sort((left, right) =>
      left.occurredAt < right.occurredAt ? 1 : left.occurredAt > right.occurredAt ? -1 : right.seq - left.seq,
    )
    .slice(0, 50);
  const oldest = Date.parse(newest.at(-1)?.occurredAt ?? "");
  const facets = await readFacets(database.db, plan, ["kind"], 10, 50);
  expect(facets).toMatchObject({ relation: "gte", capped: ["kind"], fromMs: oldest });
  expect(facets.values.get("kind")?.reduce((sum, { events }) => sum + events, 0)).toBe(50);
  const histogram = await readHistogram(database.db, plan, 60, now, 50);
  expect(histogram).toMatchObject({ relation: "gte", fromMs: oldest });
  expect(histogram.buckets.flatMap((bucket) => bucket.byOutcome).reduce((sum, count) => sum + count, 0)).toBe(50);
});

test("every field that events have can be counted by, and its values find what they count", async () => {
  const fields =
    "actor action target owner ip country asn network outcome kind category severity project session request field reason auth browser os behalf details.reason details.items.sku";
  const plan = new SearchPlan({
    workspaceId: database.workspaceId,
    sight: fullSight,
    query: parseQuery("-kind:system"),
  });
  for (const field of fields.split(" ")) {
    const counts = await countBy(database.db, plan, parseGrouping(field), 10_000);
    expect([field, counts.length > 1]).toEqual([field, true]);
    // A name or an id alone may be another's name too.
    const exact = counts.filter(({ value }) => !/^(actor|behalf)$/.test(field) || value.includes("/"));
    for (const { value, events: counted } of exact.slice(0, 5)) {
      const query = parseQuery(`-kind:system ${field}:"${value.replace(/["\\]/g, "\\$&")}"`);
      expect([field, value, planOf(query, {})[1].length]).toEqual([field, value, counted]);
    }
  }
});

test("rolling up again adds what is new, once", async () => {
  const { ownerDb, workspaceId } = database;
  const sum = async (): Promise<unknown[]> =>
    (
      await ownerDb.query(
        "select field, sum(events)::int as events from event_count_value where workspace_id = $1 group by 1 order by 1",
        [workspaceId],
      )
    ).rows;
  const [both] = await Promise.all([rollUp(ownerDb, workspaceId), rollUp(ownerDb, workspaceId)]);
  expect(await rollUp(ownerDb, workspaceId)).toBe(0);
  expect(both).toBeLessThanOrEqual(100);
  const expected = (["actor", "ip", "target"] as const).map((field) => ({
    field,
    events: events.flatMap((event) => valuesOf(event, field)).length,
  }));
  expect(await sum()).toEqual(expected);
});
