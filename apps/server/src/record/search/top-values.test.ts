import { type TestDatabase, testDatabase } from "@daybook/testkit";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DAY_MS } from "./kept.ts";
import { reading } from "./reading.ts";
import { topValues } from "./top-values.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const day = (index: number): Date => new Date(Date.UTC(2026, 0, 1) + index * DAY_MS);

/** Counts of some values over some days: few large ones, many small ones, or all about equal. */
const counts = fc.array(
  fc.record({
    value: fc.nat({ max: 60 }).map((number) => `user/${number}`),
    day: fc.nat({ max: 12 }),
    events: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 500 })),
  }),
  { minLength: 0, maxLength: 400 },
);

test("the most frequent values are those of a sum over all values", async () => {
  let workspaceId = 1_000;
  await fc.assert(
    fc.asyncProperty(
      counts,
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.nat({ max: 80 })),
      async (rows, limit, extra) => {
        workspaceId++;
        await database.ownerDb.query(
          `insert into event_count_value (workspace_id, field, value, day, events)
           select $1, 'actor', value, day, sum(events) from unnest($2::text[], $3::timestamptz[], $4::bigint[]) as given (value, day, events) group by value, day`,
          [workspaceId, rows.map((row) => row.value), rows.map((row) => day(row.day)), rows.map((row) => row.events)],
        );
        const expected = new Map<string, number>();
        const count = (value: string, events: number): void =>
          void expected.set(value, (expected.get(value) ?? 0) + events);
        for (const row of rows) if (row.day >= 2 && row.day < 11) count(row.value, row.events);
        const found = new Map(extra.map((events, index) => [`user/${index * 3}`, { events, label: null }]));
        for (const [value, { events }] of found) count(value, events);
        const whole = { fromMs: day(2).getTime(), toMs: day(11).getTime() };
        await reading(database.db, 5_000, (client) => topValues(client, workspaceId, "actor", whole, limit, found));
        const top = (totals: number[]): number[] => totals.sort((left, right) => right - left).slice(0, limit);
        expect(top([...found.values()].map(({ events }) => events))).toEqual(top([...expected.values()]));
        const [first] = [...found].sort(([, left], [, right]) => right.events - left.events);
        if (first !== undefined) expect(first[1].events).toBe(expected.get(first[0]));
      },
    ),
    { numRuns: 150 },
  );
}, 60_000);
