import type { SavedView } from "@daybook/contract";
import { expect, test } from "vitest";
import { isChanged, searchOfView, viewSearchOf } from "./view-link.ts";

const view: SavedView = {
  id: "0198f0c2-0000-7000-8000-000000000001",
  name: "Failed",
  screen: "logins",
  search: { q: "outcome:failure", range: "30d", columns: ["time", "who"] },
  shared: false,
  own: true,
  savedBy: "Dana",
  createdAt: "2026-11-20T10:00:00.000Z",
  updatedAt: "2026-11-20T10:00:00.000Z",
};

test("a view's address leads back to what was saved, and an open event is not part of it", () => {
  const search = searchOfView(view);
  expect(search).toEqual({ q: "outcome:failure", range: "30d", columns: "time,who", view: view.id });
  expect(viewSearchOf({ ...search, event: "x" }, ["time", "who"])).toEqual(view.search);
  expect(viewSearchOf({ q: "x" }, null)).toEqual({ q: "x" });
});

test("another query, range or column changes a view; an event that is opened does not", () => {
  const search = searchOfView(view);
  expect(isChanged(view, { ...search, event: "x" })).toBe(false);
  expect(isChanged(view, { ...search, q: "outcome:denied" })).toBe(true);
  const { range: _, ...week } = search;
  expect(isChanged(view, week)).toBe(true);
});
