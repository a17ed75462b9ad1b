import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HASH_BYTES, leafHash, rootOf } from "../merkle/tree.ts";
import { LeafPile } from "./leaf-pile.ts";

const leaves = (count: number): Buffer[] => Array.from({ length: count }, (_, index) => leafHash(`${index}`));

describe("piling up leaves", () => {
  it("finds the root in whatever order they come", () => {
    const orders = fc
      .integer({ min: 1, max: 60 })
      .chain((count) => fc.shuffledSubarray([...Array(count).keys()], { minLength: count }));
    fc.assert(
      fc.property(orders, fc.nat(), (order, pick) => {
        const wanted = pick % (order.length + 1);
        const all = leaves(order.length);
        const pile = new LeafPile(wanted);
        for (const place of order) expect(pile.add(place + 1, all[place] as Buffer)).toBe(true);
        expect(pile.size).toBe(order.length);
        expect(pile.root).toEqual(rootOf(Buffer.concat(all.slice(0, wanted))));
        expect(pile.add(1, all[0] as Buffer)).toBe(false);
      }),
    );
  });

  it("goes over the borders of its blocks, backwards", () => {
    const all = leaves(40_000);
    const pile = new LeafPile(40_000);
    for (let seq = 40_000; seq >= 1; seq--) pile.add(seq, all[seq - 1] as Buffer);
    expect(pile.root).toEqual(rootOf(Buffer.concat(all, 40_000 * HASH_BYTES)));
  });

  it("has no root while one is missing", () => {
    const pile = new LeafPile(3);
    pile.add(1, leafHash("a"));
    pile.add(3, leafHash("c"));
    expect([pile.root, pile.size]).toEqual([undefined, 1]);
    expect(pile.add(3, leafHash("c"))).toBe(false);
  });
});
