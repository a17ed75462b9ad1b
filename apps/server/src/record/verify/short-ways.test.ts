import { sampleEvent, type TestDatabase, testDatabase } from "@daybook/testkit";
import { eventRows, insertRows } from "@daybook/testkit/event-rows.ts";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eraseGroups } from "../erasure.ts";
import { type EventRow, eventColumns } from "../event-row.ts";
import { leafHashOf, saltsFor } from "../leaf.ts";
import { termsOf } from "../terms.ts";
import { BinaryRows } from "./binary-rows.ts";
import { ShortWays } from "./bucket-rows.ts";
import { isOrderly, rowFault } from "./row-check.ts";

const text = fc.oneof(
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
  fc.string({
    unit: fc.constantFrom('"', "\\", "\n", "\t", "\b", "\f", "\r", "\u0001", "\u001f", "\u007f", "é", "/", "A"),
  }),
  fc.constantFrom("user", "USER", "windows", "ſ", "İstanbul", "\u2028", "😀"),
);
const storable = text.map((value) => value.replaceAll("\u0000", "") || null);
const textColumns = [
  "reason",
  "project",
  "actorId",
  "actorName",
  "actorEmail",
  "country",
  "network",
  "browser",
  "os",
  "sessionId",
  "requestId",
  "userAgent",
] as const satisfies readonly (keyof EventRow)[];

/** Rows of the sample log with strange texts in their columns, addresses and times of every form. */
const strangeRows = fc
  .record({
    number: fc.nat({ max: 3_000 }),
    texts: fc.array(storable, { minLength: textColumns.length, maxLength: textColumns.length }),
    summary: storable,
    asn: fc.option(fc.constantFrom(0, 1, 64_512, 4_294_967_295), { nil: null }),
    ip: fc.constantFrom(
      null,
      "0.0.0.0",
      "255.255.255.255",
      "::",
      "::1",
      "2001:db8::ff00:42:8329",
      "::192.0.2.1",
      "fe80::1",
    ),
    occurredAtMs: fc.constantFrom(0, 1, 999, 1_788_222_893_299, 946_684_799_999, 946_684_800_000, 4_102_444_800_001),
  })
  .map(({ number, texts, summary, ...rest }) => {
    const columns = Object.fromEntries(textColumns.map((column, place) => [column, texts[place] ?? null]));
    return sampleEvent(number, "main", { ...columns, ...rest, summary: summary ?? "" }).row;
  });

describe("the short ways of verification", () => {
  let database: TestDatabase;
  let next = 1;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.close());

  /** Stores rows, reads them back in binary, and holds the short ways against the ordinary ones. */
  async function compare(rows: readonly EventRow[]): Promise<{ leaves: number; terms: number }> {
    const { ownerDb, workspaceId } = database;
    const first = next;
    next += rows.length;
    await insertRows(ownerDb, workspaceId, rows, first);
    const short = new ShortWays("main");
    const found = { leaves: 0, terms: 0 };
    const client = await ownerDb.connect();
    const read: number[] = [];
    const where = `workspace_id = ${workspaceId} and seq >= ${first}`;
    const reader = new BinaryRows(`select ${eventColumns.join(", ")} from event where ${where} order by seq`, (row) => {
      const leaf = short.leaf.hash(row);
      const fit = short.terms.fit(row);
      const orderly = isOrderly(row);
      const stored = row.read();
      const given = rows[stored.row.seq - first] as EventRow;
      expect({ ...stored.row, terms: [] }).toEqual({ ...given, terms: [] });
      expect(stored.fault).toBeUndefined();
      if (leaf !== undefined) expect(leaf).toBe(leafHashOf(given, "main"));
      const sound = JSON.stringify(stored.row.terms) === JSON.stringify(termsOf(given));
      if (fit) expect(sound).toBe(true);
      if (orderly && fit && given.salts.length === 128) expect(rowFault(stored)).toBeUndefined();
      if (leaf !== undefined) found.leaves++;
      if (fit) found.terms++;
      read.push(stored.row.seq);
    });
    client.query(reader);
    await reader.done.finally(() => client.release());
    expect(read).toEqual(rows.map((_, index) => first + index));
    return found;
  }

  it("give the leaf and the terms of the ordinary ones, for rows of every shape", async () => {
    const rows = fc
      .sample(eventRows, { numRuns: 3_000, seed: 5 })
      .map((row) => ({ ...row, salts: saltsFor(row, "5a".repeat(64)) }));
    expect(await compare(rows)).toEqual({ leaves: 3_000, terms: 3_000 });
  });

  it("write text as JSON does, whatever it holds", async () => {
    const rows = fc
      .sample(strangeRows, { numRuns: 3_000, seed: 6 })
      .map((row) => ({ ...row, id: crypto.randomUUID() }));
    expect(await compare(rows)).toEqual({ leaves: 3_000, terms: 3_000 });
  });

  it("leave what is out of the ordinary to the ordinary ones", async () => {
    const erased = eraseGroups(sampleEvent(1).row, ["who"]);
    const large = sampleEvent(2, "main", { details: JSON.stringify("x".repeat(200_000)) }).row;
    const unfit = sampleEvent(3, "main", { terms: [1, 2, 3] }).row;
    const none = sampleEvent(4, "main", { terms: [] }).row;
    expect(await compare([erased, large, unfit, none])).toEqual({ leaves: 2, terms: 2 });
  });
});
