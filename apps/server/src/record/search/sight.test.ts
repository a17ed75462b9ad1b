import { AppError, compileQuery, type Event, fold, parseQuery } from "@daybook/contract";
import { type TestDatabase, testDatabase } from "@daybook/testkit";
import { appendRows, eventRows } from "@daybook/testkit/event-rows.ts";
import { queryTexts } from "@daybook/testkit/query-samples.ts";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EventRow, toEvent } from "../event-row.ts";
import { sealPast } from "../partitions.ts";
import { MASK, maskEvent, maskText, publicTexts } from "../personal.ts";
import type { Sight } from "../sight.ts";
import { termsOf } from "../terms.ts";
import { readFacets } from "./facets.ts";
import { readHistogram } from "./histogram.ts";
import { listEvents } from "./list.ts";
import { SearchPlan } from "./plan.ts";
import { suggestValues } from "./suggestions.ts";
import { exactTotal } from "./total.ts";

const support: Sight = { personal: false };
const billing: Sight = { personal: true, categories: ["payment", "invoice", "auth"] };
const sights: readonly Sight[] = [support, billing, { personal: false, categories: ["server", "auth"] }];

let database: TestDatabase;
let rows: EventRow[];

beforeAll(async () => {
  database = await testDatabase();
  rows = fc.sample(eventRows, { numRuns: 400, seed: 11 }).map(withAddresses);
  await appendRows(database.db, database.ownerDb, database.workspaceId, rows);
});

afterAll(() => database.close());

/** Some rows with personal data where a pattern alone can find it. */
function withAddresses(row: EventRow, index: number): EventRow {
  const changed = { ...row };
  if (index % 3 === 0) changed.summary = `Lee wrote to dana@acme.example from 203.0.113.9 about mc-01`;
  if (index % 5 === 0) changed.actorName = "dana@acme.example";
  if (index % 7 === 0 && row.targetType !== null) changed.targetId = "2001:db8::77";
  if (index % 4 === 0)
    changed.details = `{"email":"dana","reason":"Lee of dana@acme.example","seen":"2001:db8:0:1::9"}`;
  changed.terms = termsOf(changed);
  return changed;
}

/** What a sight and a query mean, without a database; undefined when the query may not be asked. */
function naive(sight: Sight, text: string): Event[] | undefined {
  const query = parseQuery(text);
  try {
    new SearchPlan({ workspaceId: 1, sight, query });
  } catch (error) {
    if (error instanceof AppError && error.code === "forbidden") return undefined;
    throw error;
  }
  const shown = rows
    .filter((row) => sight.categories?.includes(row.category) ?? true)
    .map((row) => (sight.personal ? toEvent(row) : maskEvent(toEvent(row))));
  return shown.filter(sight.personal ? compileQuery(query) : compileQuery(query, publicTexts));
}

const seqs = (events: readonly { seq: number }[]): number[] => events.map(({ seq }) => seq).sort((a, b) => a - b);

async function sightsHold(runs: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(queryTexts, fc.constantFrom(...sights), async (text, sight) => {
      const expected = naive(sight, text);
      if (expected === undefined) return;
      const scope = { workspaceId: database.workspaceId, sight, query: parseQuery(text) };
      const list = await listEvents(database.db, scope, "desc", 500);
      expect(seqs(list.items)).toEqual(seqs(expected));
      expect(new Map(list.items.map((event) => [event.seq, event]))).toEqual(
        new Map(expected.map((event) => [event.seq, event])),
      );
      expect(await exactTotal(database.db, new SearchPlan(scope), 10_000)).toBe(expected.length);
    }),
    { numRuns: runs },
  );
}

test("a limited sight gives exactly the events that are in it and match, and of them only what may be seen", () =>
  sightsHold(120));

test.each(['"C:\\\\"', '"say \\"hi\\""', "50%", "x_y", "日本"])(
  "a limited sight finds %s in names of every target",
  async (text) => {
    const query = parseQuery(text);
    const list = await listEvents(
      database.db,
      { workspaceId: database.workspaceId, sight: support, query },
      "desc",
      500,
    );
    expect(seqs(list.items)).toEqual(seqs(naive(support, text) ?? []));
    expect(list.items.length).toBeGreaterThan(0);
  },
);

test("the same holds when the text indexes are asked", async () => {
  await sealPast(database.ownerDb, Date.UTC(2100, 0, 1));
  await sightsHold(60);
});

test("counts, facets and suggestions of a limited sight are those of its events", async () => {
  const plan = new SearchPlan({ workspaceId: database.workspaceId, sight: billing, query: parseQuery("") });
  const seen = naive(billing, "") ?? [];
  const histogram = await readHistogram(database.db, plan, 60, Date.now());
  expect(histogram.buckets.flatMap(({ byOutcome }) => byOutcome).reduce((sum, count) => sum + count, 0)).toBe(
    seen.length,
  );
  const { values } = await readFacets(database.db, plan, ["category"], 100);
  expect(values.get("category")?.reduce((sum, { events }) => sum + events, 0)).toBe(seen.length);
  const searcher = { workspaceId: database.workspaceId, sight: billing };
  const items = await suggestValues(database.db, searcher, "category", "", 100, Date.now());
  expect(items.every(({ value }) => billing.categories?.includes(value))).toBe(true);
});

test("facets and suggestions without personal data name no address", async () => {
  const plan = new SearchPlan({ workspaceId: database.workspaceId, sight: support, query: parseQuery("") });
  const { values } = await readFacets(database.db, plan, ["actor", "target"], 100);
  const texts = [...values.values()].flat().flatMap(({ value, label }) => [value, label ?? ""]);
  expect(texts.some((text) => text.includes(MASK))).toBe(true);
  expect(texts.filter((text) => /@|203\.0|2001:/.test(text))).toEqual([]);
  const searcher = { workspaceId: database.workspaceId, sight: support };
  const suggested = await suggestValues(database.db, searcher, "actor", "dana", 50, Date.now());
  expect(suggested.filter(({ value, label }) => /@/.test(value + (label ?? "")))).toEqual([]);
  await expect(readFacets(database.db, plan, ["ip"], 5)).rejects.toMatchObject({ code: "forbidden" });
  await expect(suggestValues(database.db, searcher, "ip", "", 5, Date.now())).rejects.toMatchObject({
    code: "forbidden",
  });
});

test.each([
  "ip:203.0.113.9",
  "-ip:*",
  "session:*",
  "actor:dana@acme.example",
  "party:*@acme.example",
  "details.email:d*",
  "details.user.sessionId:x",
  "dana@acme.example",
  "owner:a@b",
])("without personal data nobody can ask %s", (text) => {
  expect(naive(support, text)).toBeUndefined();
});

test("the database masks a text as this code does", async () => {
  const parts = fc.constantFrom(
    "dana@acme.example",
    "203.0.113.9",
    "2001:db8::1",
    "::1",
    "a:b",
    "@",
    "1.2.3",
    "10:11:12",
    "00:1b:44:11:3a:b7",
    "1:2:3:4:5:6:7:8",
    "::ffff:1.2.3.4",
    " ",
    ",",
    "x",
    "Ü",
    "]",
    "{",
    "\n",
    '"',
    "fe80::",
    "a.b@c",
    ".",
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(parts, fc.string({ maxLength: 5 })), { maxLength: 12 }), async (pieces) => {
      const text = pieces.join("").replaceAll("\0", "");
      if (!text.isWellFormed()) return;
      const { rows } = await database.db.query<{ masked: string; folded: string }>(
        "select mask_personal($1) as masked, mask_personal(lower($1)) as folded",
        [text],
      );
      expect(rows[0]).toEqual({ masked: maskText(text), folded: fold(maskText(text)) });
    }),
    { numRuns: 300 },
  );
});
