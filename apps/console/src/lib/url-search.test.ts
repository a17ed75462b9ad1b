import { expect, test } from "vitest";
import { parseUrlSearch, writeUrlSearch } from "./url-search.ts";

test("a query comes back from the address as it was written, whatever its characters", () => {
  for (const q of [
    "actor:dana@acme.example action:server.*",
    "404",
    "true",
    '"out of memory" a+b',
    "100% & more = #1",
    "é ✓",
  ]) {
    expect(parseUrlSearch(writeUrlSearch({ q }))).toEqual({ q });
  }
});

test("the address stays readable", () => {
  expect(writeUrlSearch({ q: "target:server/* -actor:system", range: "7d", event: undefined })).toBe(
    "?q=target:server/*+-actor:system&range=7d",
  );
});
