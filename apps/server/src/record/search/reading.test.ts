import { testDatabase } from "@daybook/testkit";
import { expect, test } from "vitest";
import { reading } from "./reading.ts";

test("a search that takes too long is given up with an error that says what to do", async () => {
  const database = await testDatabase();
  const slow = reading(database.db, 50, (client) => client.query("select pg_sleep(5)"));
  await expect(slow).rejects.toMatchObject({
    code: "search_timeout",
    message: expect.stringContaining("Narrow the time range"),
  });
  // The connection is whole: its limits ended with the transaction.
  const { rows } = await database.db.query("select current_setting('statement_timeout') as timeout, pg_sleep(0.1)");
  expect(rows[0].timeout).toBe("0");
  await database.close();
});

test("all reads of one search see one state of the log", async () => {
  const database = await testDatabase();
  const counts = await reading(database.db, 5_000, async (client) => {
    const count = async (): Promise<number> =>
      (await client.query("select count(*)::int as events from event_count_hour")).rows[0].events;
    const before = await count();
    await database.ownerDb.query("insert into event_count_hour values ($1, now(), 0, 1)", [database.workspaceId]);
    return [before, await count()];
  });
  expect(counts).toEqual([0, 0]);
  await database.close();
});

test("a search changes nothing", async () => {
  const database = await testDatabase();
  const change = reading(database.db, 5_000, (client) => client.query("insert into follower values (1, 'x')"));
  await expect(change).rejects.toThrow(/read-only/);
  await database.close();
});
