import { testDatabase } from "@daybook/testkit";
import { eventRows, insertRows } from "@daybook/testkit/event-rows.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type EventRow, eventSelect, rowFromPg } from "./event-row.ts";
import { decodeTuple, encodeTuple } from "./event-tuple.ts";

const salted = (row: EventRow, place: number): EventRow => ({ ...row, salts: `${place % 10}a`.repeat(64) });

test("a row is the same after it was a tuple, whatever is in it", () => {
  fc.assert(
    fc.property(eventRows, (row) => {
      const given = salted(row, 3);
      expect(decodeTuple(encodeTuple(given))).toEqual(given);
    }),
    { numRuns: 500 },
  );
});

test("PostgreSQL reads the tuple as the row that was meant", async () => {
  const database = await testDatabase();
  try {
    const odd: Partial<EventRow>[] = [
      { ip: "2001:db8::1:2", asn: 4_294_967_295, terms: [-2_147_483_648, 0, 2_147_483_647] },
      { ip: "fe80::1", asn: null, terms: [], occurredAtMs: Date.UTC(1971, 3, 5, 6, 7, 8, 9) },
      { ip: "255.255.255.255", summary: "ä\t\\N\n€😀".repeat(40), details: JSON.stringify("x".repeat(300_000)) },
    ];
    const some = fc.sample(eventRows, { numRuns: 60, seed: 11 });
    const given = some.map((row, place) => ({ ...salted(row, place), ...odd[place] }));
    await insertRows(database.ownerDb, database.workspaceId, given, 5_000_000_000);
    const { rows } = await database.ownerDb.query(`select ${eventSelect} from event order by seq`);
    expect(rows.map(rowFromPg)).toEqual(given);
  } finally {
    await database.close();
  }
});
