import { queryTexts } from "@daybook/testkit/query-samples.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { formatQuery } from "./format.ts";
import { parseQuery } from "./parse.ts";
import type { Query } from "./query.ts";

/** A query without places, which formatting may move. */
function meaning(query: Query): unknown {
  return JSON.parse(
    JSON.stringify(query, (key, value) => (key === "position" || key === "length" ? undefined : value)),
  );
}

test("parsing what was formatted gives the same query", () => {
  fc.assert(
    fc.property(queryTexts, (text) => {
      const query = parseQuery(text);
      const written = formatQuery(query);
      expect(meaning(parseQuery(written))).toEqual(meaning(query));
      expect(formatQuery(parseQuery(written))).toBe(written);
    }),
    { numRuns: 2_000 },
  );
});

test("any text is either a query or an invalid_query with a place inside it", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'aZ.:<>=-,*"\\ /0é\u0000') }), (text) => {
      try {
        const query = parseQuery(text);
        expect(meaning(parseQuery(formatQuery(query)))).toEqual(meaning(query));
      } catch (error) {
        expect(error).toMatchObject({ code: "invalid_query", options: { extra: { position: expect.any(Number) } } });
        const { position, length } = (error as { options: { extra: { position: number; length: number } } }).options
          .extra;
        expect(position + length).toBeLessThanOrEqual(text.length);
      }
    }),
    { numRuns: 5_000 },
  );
});
