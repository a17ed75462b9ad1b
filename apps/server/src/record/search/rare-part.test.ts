import { expect, test } from "vitest";
import { rarePart } from "./rare-part.ts";

test.each([
  ["image-41177", "41177"],
  ["inv-2026-004711", "004711"],
  ["0198f0c2-aaaa", "0198"],
  ["backup", "backup"],
  ["srv-123", "srv-123"],
  ["", ""],
])("of %j the index is asked for %j", (word, part) => {
  expect(rarePart(word)).toBe(part);
  expect(word).toContain(part);
});
