import { compileQuery, parseQuery, type Query } from "@daybook/contract";
import { type TestDatabase, testDatabase } from "@daybook/testkit";
import { eventRows, insertRows } from "@daybook/testkit/event-rows.ts";
import { queryTexts } from "@daybook/testkit/query-samples.ts";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EventRow, toEvent } from "../event-row.ts";
import { sealPast } from "../partitions.ts";
import { fullSight } from "../sight.ts";
import { termsOf } from "../terms.ts";
import type { Order, Place } from "./cursor.ts";
import { readPage } from "./page.ts";
import { SearchPlan } from "./plan.ts";

let database: TestDatabase;
let rows: EventRow[];

beforeAll(async () => {
  database = await testDatabase();
  rows = fc.sample(eventRows, { numRuns: 400, seed: 20261120 });
  await insertRows(database.ownerDb, database.workspaceId, rows);
  await insertRows(database.ownerDb, database.workspaceId + 1, fc.sample(eventRows, { numRuns: 50, seed: 7 }));
});

afterAll(() => database.close());

/** The seqs that a filter over all rows finds, in the order of the list. */
function naive(query: Query, order: Order): number[] {
  const filter = compileQuery(query);
  const sign = order === "asc" ? 1 : -1;
  return rows
    .filter((row) => filter(toEvent(row)))
    .sort((left, right) => sign * (left.occurredAtMs - right.occurredAtMs || left.seq - right.seq))
    .map((row) => row.seq);
}

async function everyPage(query: Query, order: Order, limit: number, firstRows?: number): Promise<number[]> {
  const plan = new SearchPlan({ workspaceId: database.workspaceId, sight: fullSight, query });
  const found: number[] = [];
  let after: Place | undefined;
  for (;;) {
    const page = await readPage(database.db, plan, { order, limit, after, firstRows });
    found.push(...page.map((row) => row.seq));
    const last = page.at(-1);
    if (last === undefined || page.length < limit) return found;
    after = last;
  }
}

async function databaseAgrees(runs: number): Promise<void> {
  const order = fc.constantFrom<Order>("asc", "desc");
  const firstRows = fc.constantFrom(1, 20, 2_000);
  await fc.assert(
    fc.asyncProperty(queryTexts, order, fc.constantFrom(3, 17, 500), firstRows, async (text, way, limit, first) => {
      const query = parseQuery(text);
      expect(await everyPage(query, way, limit, first)).toEqual(naive(query, way));
    }),
    { numRuns: runs },
  );
}

test("the database answers what a filter in memory answers, in the same order, through every page", async () => {
  await databaseAgrees(150);
}, 120_000);

test("and the same when the partitions are sealed", async () => {
  const sealed = await sealPast(database.ownerDb, Date.UTC(2027, 0));
  expect(sealed.length).toBeGreaterThan(1);
  await databaseAgrees(150);
}, 120_000);

test("a value in details is a single value, not the text of a list or an element by its number", async () => {
  const own = await testDatabase();
  const [sample] = fc.sample(eventRows, { numRuns: 1, seed: 1 });
  const details = { list: ["x", "y"], "list.0": "dotted", deep: { a: 1 }, text: "[1]", "0": { b: "zero" } };
  const row: EventRow = { ...(sample as EventRow), details: JSON.stringify(details) };
  row.terms = termsOf(row);
  await insertRows(own.ownerDb, own.workspaceId, [row]);
  const found: string[] = [];
  const queries = [
    'details.list:"[""x"",""y""]"',
    "details.list:x",
    "details.list.0:x",
    "details.list.0:dotted",
    "details.deep:*a*",
    "details.deep.a:1",
    'details.text:"[1]"',
    "details.0.b:zero",
  ];
  for (const text of queries) {
    const query = parseQuery(text);
    const plan = new SearchPlan({ workspaceId: own.workspaceId, sight: fullSight, query });
    const rowsFound = await readPage(own.db, plan, { order: "desc", limit: 1 });
    if (rowsFound.length > 0) found.push(text);
    expect([text, rowsFound.length === 1]).toEqual([text, compileQuery(query)(toEvent(row))]);
  }
  expect(found).toEqual([
    "details.list:x",
    "details.list.0:dotted",
    "details.deep.a:1",
    'details.text:"[1]"',
    "details.0.b:zero",
  ]);
  await own.close();
});
