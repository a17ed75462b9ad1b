import { expect, it } from "vitest";
import { RecentMap } from "./recent-map.ts";

it("never holds more than its bound", () => {
  const map = new RecentMap<number, { n: number }>(100);
  for (let n = 0; n < 10_000; n++) {
    map.set(n, { n });
    expect(map.size).toBeLessThanOrEqual(100);
  }
  expect(map.get(9_999)).toEqual({ n: 9_999 });
  expect(map.get(9_800)).toBeUndefined();
});

it("keeps what is in use while others pass through", () => {
  const map = new RecentMap<string, object>(10);
  const kept = {};
  map.set("used", kept);
  for (let n = 0; n < 1_000; n++) {
    map.set(`passing ${n}`, {});
    if (n % 3 === 0) expect(map.get("used")).toBe(kept);
  }
});

it("forgets all of it when cleared, the older generation included", () => {
  const map = new RecentMap<number, object>(4);
  for (let n = 0; n < 4; n++) map.set(n, {});
  map.clear();
  expect([0, 1, 2, 3].map((n) => map.get(n))).toEqual([undefined, undefined, undefined, undefined]);
  expect(map.size).toBe(0);
});
