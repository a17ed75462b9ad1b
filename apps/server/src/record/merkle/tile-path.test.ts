import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseTilePath, tilePath, widthOf } from "./tile-path.ts";

describe("tile paths of C2SP tlog-tiles", () => {
  it("writes and reads the index of the specification's example", () => {
    expect(tilePath({ level: 0, index: 1_234_067, width: 256 })).toBe("tile/0/x001/x234/067");
    expect(parseTilePath("0/x001/x234/067")).toEqual({ level: 0, index: 1_234_067, width: 256 });
    expect(parseTilePath("entries/x001/x234/067.p/8")).toEqual({ level: "entries", index: 1_234_067, width: 8 });
  });

  it("reads back every address it writes", () => {
    const address = fc.record({
      level: fc.oneof(fc.integer({ min: 0, max: 63 }), fc.constant("entries" as const)),
      index: fc.oneof(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 0, max: 2 ** 45 })),
      width: fc.integer({ min: 1, max: 256 }),
    });
    fc.assert(
      fc.property(address, (tile) => {
        expect(parseTilePath(tilePath(tile).slice("tile/".length))).toEqual(tile);
      }),
    );
  });

  it("refuses every other way to write an address", () => {
    // biome-ignore format: one path a line would say no more.
    const wrong = [
      "0/0", "00/000", "64/000", "0/x000/001", "0/001/002", "0/000.p/0", "0/000.p/256", "0/000.p/01", "0/1000",
      "data/000", "0/000/", "-1/000", "0/000.p/", "0/x001", "../0/000",
    ];
    for (const path of wrong) expect([path, parseTilePath(path)]).toEqual([path, undefined]);
  });

  it("knows the widths of the specification's tree of 70,000", () => {
    expect(widthOf(0, 272, 70_000)).toBe(256);
    expect(widthOf(0, 273, 70_000)).toBe(112);
    expect(widthOf(0, 274, 70_000)).toBe(0);
    expect(widthOf("entries", 273, 70_000)).toBe(112);
    expect(widthOf(1, 0, 70_000)).toBe(256);
    expect(widthOf(1, 1, 70_000)).toBe(17);
    expect(widthOf(2, 0, 70_000)).toBe(1);
    expect(widthOf(1, 0, 256)).toBe(1);
  });
});
