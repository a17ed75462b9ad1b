import { expect, test } from "vitest";
import { closest } from "./closest.ts";

test("the nearest word is found over a swap, a missing and a wrong letter", () => {
  const words = ["actor", "action", "target", "ip", "owner"];
  expect(closest("acotr", words)).toBe("actor");
  expect(closest("targt", words)).toBe("target");
  expect(closest("Ownar", words)).toBe("owner");
  expect(closest("tar", words)).toBe("target");
});

test("a word that is near to none has no suggestion", () => {
  expect(closest("colour", ["actor", "target"])).toBeUndefined();
  expect(closest("xy", ["ip"])).toBeUndefined();
});
