import { expect, test } from "vitest";
import { uuidv7 } from "./uuid.ts";

test("an id is a UUIDv7 of its time, and no two are the same", () => {
  const ids = Array.from({ length: 1_000 }, () => uuidv7(1_700_000_000_123));
  for (const id of ids) expect(id).toMatch(/^018bcfe5-687b-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new Set(ids).size).toBe(ids.length);
});

test("a later id is a greater one", () => {
  expect(uuidv7(1_700_000_000_124) > uuidv7(1_700_000_000_123)).toBe(true);
});
