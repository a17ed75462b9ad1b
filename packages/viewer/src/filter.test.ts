import { parseQuery } from "@daybook/contract";
import { expect, test } from "vitest";
import { actionGroups } from "./action-groups.ts";
import { fromOf, isFiltered, noFilter, queryOf } from "./filter.ts";

test("words of a customer are words to the query language, whatever they look like", () => {
  for (const text of ["owner:88", "-actor:system", 'a"b', "back\\slash", "*", "severity>=high"]) {
    const { terms } = parseQuery(queryOf({ ...noFilter, text }, null));
    expect(
      terms.map(({ type }) => type),
      text,
    ).toEqual(["text"]);
    expect(terms[0], text).toMatchObject({ negated: false, pattern: [text] });
  }
});

test("target, kind, outcome and words are all asked for", () => {
  const filter = { text: " two  words ", kind: "action:server.created", outcome: "failure", days: 7 } as const;
  expect(queryOf(filter, "server/srv 1")).toBe(
    'target:"server/srv 1" action:server.created outcome:failure "two" "words"',
  );
  expect(fromOf(filter, Date.parse("2026-11-21T12:00:00Z"))).toBe("2026-11-14T12:00:00.000Z");
});

test("no filter is an empty query without a beginning", () => {
  expect(queryOf(noFilter, null)).toBe("");
  expect(fromOf(noFilter, 0)).toBeUndefined();
  expect(isFiltered(noFilter)).toBe(false);
  expect(isFiltered({ ...noFilter, text: "  " })).toBe(false);
});

test("actions are grouped as a customer names them, the most frequent first", () => {
  const groups = actionGroups([
    { value: "server.power.start", count: 3 },
    { value: "server.created", count: 1 },
    { value: "server.power.stop", count: 2 },
    { value: "auth.login", count: 4 },
  ]);
  expect(groups).toEqual([
    { label: "Power", query: "action:server.power.start,server.power.stop", count: 5 },
    { label: "Sign-in", query: "action:auth.login", count: 4 },
    { label: "Server", query: "action:server.created", count: 1 },
  ]);
});
