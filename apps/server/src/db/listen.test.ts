import { testDatabase } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { listen } from "./listen.ts";

let database: Awaited<ReturnType<typeof testDatabase>>;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

test("messages arrive, and after a broken connection the listener comes back and says that it missed something", async () => {
  const heard: string[] = [];
  let gaps = 0;
  const faults: Error[] = [];
  const listening = await listen(database.db, {
    channel: "daybook_test",
    onMessage: (payload) => heard.push(payload),
    onGap: () => gaps++,
    onFault: (error) => faults.push(error),
  });
  await database.db.query("select pg_notify('daybook_test', 'one')");
  await vi.waitFor(() => expect(heard).toEqual(["one"]));
  await database.ownerDb.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'daybook listens%' and datname = current_database()",
  );
  await vi.waitFor(() => expect(gaps).toBe(2), { timeout: 5_000 });
  expect(faults).toHaveLength(1);
  await database.db.query("select pg_notify('daybook_test', 'two')");
  await vi.waitFor(() => expect(heard).toEqual(["one", "two"]));
  await listening.close();
});
