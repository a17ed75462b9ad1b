import { type TestDatabase, testDatabase } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { forgetOldRuns } from "./run-keeping.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

test("the newest runs of a schedule are kept, and those of one that is gone for a month", async () => {
  const now = Date.parse("2026-03-10T00:00:00Z");
  const insert = (name: string, count: number, state: number, newestMs: number) =>
    database.ownerDb.query(
      `insert into schedule_run (workspace_id, id, name, state, created_at)
       select $1, gen_random_uuid(), $2, $3, $4::timestamptz - n * interval '1 minute' from generate_series(1, $5::int) as n`,
      [database.workspaceId, name, state, new Date(newestMs), count],
    );
  await database.ownerDb.query(
    "insert into schedule (workspace_id, name, kind, source, settings, created_at) values ($1, 'often', 0, 'api', '{}', now())",
    [database.workspaceId],
  );
  await insert("often", 5_100, 2, now);
  await insert("often", 1, 1, now - 90 * 86_400_000);
  await insert("gone", 3, 2, now - 29 * 86_400_000);
  await insert("gone", 4, 2, now - 31 * 86_400_000);
  expect(await forgetOldRuns(database.ownerDb, now)).toBe(104);
  expect(await forgetOldRuns(database.ownerDb, now)).toBe(0);
  const { rows } = await database.ownerDb.query(
    "select name, state, count(*)::int as runs from schedule_run group by name, state order by name, state",
  );
  expect(rows).toEqual([
    { name: "gone", state: 2, runs: 3 },
    { name: "often", state: 1, runs: 1 },
    { name: "often", state: 2, runs: 5_000 },
  ]);
});
