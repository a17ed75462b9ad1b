import { testDatabase } from "@daybook/testkit";
import { eventRows, insertRows } from "@daybook/testkit/event-rows.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { mergeTerms } from "./term-merge.ts";

test("terms that were appended are merged once there are many or some time has passed, and not before", async () => {
  const { ownerDb, workspaceId, close } = await testDatabase();
  try {
    const rows = fc.sample(eventRows, { numRuns: 50, seed: 3 });
    const grow = async (size: number): Promise<void> => {
      await ownerDb.query("update log_head set size = $2 where workspace_id = $1", [workspaceId, size]);
    };
    await insertRows(ownerDb, workspaceId, rows);
    await grow(50);
    const first = await mergeTerms(ownerDb, { size: -1, at: 0 });
    expect(first.size).toBe(50);
    // What is left to merge is what merging once more takes off the lists, in pages.
    const lists = async (): Promise<number> => {
      const { rows: found } = await ownerDb.query<{ pages: number }>(
        `select coalesce(sum(gin_clean_pending_list(inhrelid::regclass)), 0)::int as pages
           from pg_inherits where inhparent = 'event_terms'::regclass`,
      );
      return found[0]?.pages ?? 0;
    };
    expect(await lists()).toBe(0);
    await insertRows(ownerDb, workspaceId, fc.sample(eventRows, { numRuns: 5, seed: 4 }), 51);
    await grow(55);
    expect(await mergeTerms(ownerDb, first)).toBe(first);
    expect((await mergeTerms(ownerDb, { size: 50, at: Date.now() - 60_000 })).size).toBe(55);
    expect(await lists()).toBe(0);
    const { rows: options } = await ownerDb.query<{ reloptions: string[] }>(
      `select reloptions from pg_class join pg_inherits on inhrelid = oid where inhparent = 'event_terms'::regclass`,
    );
    expect(options.map((each) => each.reloptions.at(-1))).toEqual(options.map(() => "gin_pending_list_limit=16384"));
  } finally {
    await close();
  }
});
