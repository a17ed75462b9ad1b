import { fold } from "@daybook/contract";
import { testDatabase } from "@daybook/testkit";
import { expect, test } from "vitest";

/** Letters of Unicode 17, which PostgreSQL 18 (Unicode 16) does not know yet. */
const newerThanPostgres = /[\uA7CE\uA7D2\uA7D4\u{16EA0}-\u{16EB8}]/u;

test("folding is what the database's lower() does, for every character", async () => {
  const database = await testDatabase();
  const characters: string[] = [];
  for (let code = 1; code <= 0x1ffff; code++) {
    if (code < 0xd800 || code > 0xdfff) characters.push(String.fromCodePoint(code));
  }
  const { rows } = await database.db.query<{ given: string; lower: string }>(
    "select given, lower(given) as lower from unnest($1::text[]) as given",
    [characters],
  );
  const different = rows.filter(({ given, lower }) => fold(given) !== lower && !newerThanPostgres.test(given));
  expect(different).toEqual([]);
  expect(fold("ΑΣ İI")).toBe("ασ ii");
  await database.close();
});
