import { expect, test } from "vitest";
import { columnsOf, fitting, gridOf } from "./fitting.ts";

const names = ["time", "who", "what", "target", "from", "outcome"] as const;
const shown = (width: number, dated = false) => fitting(columnsOf(names, {}), width, dated).map((each) => each.name);

test("a table without room drops what is least needed, and keeps the order of the rest", () => {
  expect(shown(1200)).toEqual([...names]);
  expect(shown(700)).toEqual(["time", "who", "what", "from", "outcome"]);
  expect(shown(560)).toEqual(["time", "who", "what", "outcome"]);
  expect(shown(10)).toEqual(["what"]);
});

test("dates need more room than ages", () => {
  expect(shown(814)).toEqual([...names]);
  expect(shown(814, true)).not.toContain("target");
});

test("before the width is known every column is drawn", () => {
  expect(shown(0)).toEqual([...names]);
});

test("a screen calls a column by its own name, and the last one fills the row", () => {
  const [owner] = columnsOf(["owner"], { owner: "Customer" });
  expect(owner?.head).toBe("Customer");
  expect(gridOf(columnsOf(["time", "outcome"], {}), false)).toEqual({ template: "74px 80px 1fr", widthPx: 154 });
});
