import { type TestDatabase, testDatabase } from "@daybook/testkit";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { normaliseIp } from "./address.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

it("writes an address as PostgreSQL gives it back, so that a leaf made from the row is the leaf made from the event", async () => {
  const word = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(0xffff) }, fc.nat(9));
  const texts = fc.sample(
    fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.array(word, { minLength: 8, maxLength: 8 }).map((words) => words.map((w) => w.toString(16)).join(":")),
    ),
    3_000,
  );
  const forms = ["::", "::1", "::2", "::1:0", "::102:304", "::ffff:0:1:2", ...texts].map((text) => normaliseIp(text));
  expect(forms).not.toContain(null);
  const { rows } = await database.db.query<{ stored: string[] }>(
    "select array_agg(host(form::inet) order by place) as stored from unnest($1::text[]) with ordinality as given (form, place)",
    [forms],
  );
  expect(rows[0]?.stored).toEqual(forms);
});
