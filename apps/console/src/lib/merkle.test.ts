import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { type Bytes, hexOf, rootFromPath } from "./merkle.ts";

/** A tree made the plain way of RFC 6962, 2.1, to check the browser's way against. */
const sha = (...parts: Bytes[]) => new Uint8Array(createHash("sha256").update(Buffer.concat(parts)).digest());
const leaves = Array.from({ length: 13 }, (_, index) => sha(Uint8Array.of(0, index)));
const node = (left: Bytes, right: Bytes) => sha(Uint8Array.of(1), left, right);

function split(list: Bytes[]): number {
  let half = 1;
  while (half * 2 < list.length) half *= 2;
  return half;
}
function root(list: Bytes[]): Bytes {
  if (list.length === 1) return list[0] as Bytes;
  return node(root(list.slice(0, split(list))), root(list.slice(split(list))));
}
function path(index: number, list: Bytes[]): Bytes[] {
  if (list.length === 1) return [];
  const half = split(list);
  return index < half
    ? [...path(index, list.slice(0, half)), root(list.slice(half))]
    : [...path(index - half, list.slice(half)), root(list.slice(0, half))];
}

test("every leaf of every tree leads to its root", async () => {
  for (let size = 1; size <= leaves.length; size++) {
    const tree = leaves.slice(0, size);
    for (let index = 0; index < size; index++) {
      const found = await rootFromPath(leaves[index] as Bytes, index, size, path(index, tree));
      expect(found && hexOf(found)).toBe(hexOf(root(tree)));
    }
  }
});

test("another leaf, another place or a shortened path do not", async () => {
  const right = path(5, leaves);
  const goal = hexOf(root(leaves));
  const results = await Promise.all([
    rootFromPath(leaves[6] as Bytes, 5, 13, right),
    rootFromPath(leaves[5] as Bytes, 4, 13, right),
    rootFromPath(leaves[5] as Bytes, 5, 13, right.slice(1)),
    rootFromPath(leaves[5] as Bytes, 13, 13, right),
  ]);
  for (const found of results) expect(found && hexOf(found)).not.toBe(goal);
});
