import { testDatabase } from "@daybook/testkit";
import { expect, test } from "vitest";
import { storable, storableJson } from "./storable.ts";

const odd = { "a\u0000": ["\u0000\u0000", "\ud800", "x\udc00y", "\\u0000", "\\\u0000", "😀", "\u0001"] };
const kept = { "a\ufffd": ["\ufffd\ufffd", "\ufffd", "x\ufffdy", "\\u0000", "\\\ufffd", "😀", "\u0001"] };

test("every JSON can be kept by PostgreSQL, and only what it cannot hold is replaced", async () => {
  const database = await testDatabase();
  try {
    const { rows } = await database.db.query<{ json: unknown }>("select $1::jsonb as json", [storableJson(odd)]);
    expect(rows[0]?.json).toEqual(kept);
  } finally {
    await database.close();
  }
  expect(storable(odd)).toEqual(kept);
  const fine = { text: "ä \u0001 😀" };
  expect(storable(fine)).toBe(fine);
});
