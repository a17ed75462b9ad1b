import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ctConsistency, ctInclusionOf7, ctLeafHashes, ctRoots } from "./ct-vectors.ts";
import {
  consistencyHolds,
  type HashReader,
  inclusionHolds,
  makeConsistencyProof,
  makeInclusionProof,
  rootAt,
  TILE_HEIGHT,
} from "./proof.ts";
import { Frontier, HASH_BYTES, hashesFromHex, leafHash } from "./tree.ts";

const bytes = (hex: string): Buffer => Buffer.from(hex, "hex");
const hexes = (hashes: readonly Buffer[]): string[] => hashes.map((hash) => hash.toString("hex"));
const ctRoot = (size: number): Buffer => bytes(ctRoots[size - 1] ?? "");

/** A reader over leaves in memory; it refuses what a tile store would not have. */
function readerOf(leaves: Buffer): HashReader {
  const levels: Buffer[][] = [[]];
  for (let at = 0; at < leaves.length; at += HASH_BYTES) levels[0]?.push(leaves.subarray(at, at + HASH_BYTES));
  new Frontier().append(leaves, (height, _index, hash) => {
    if (height % TILE_HEIGHT !== 0) return;
    levels[height / TILE_HEIGHT] ??= [];
    levels[height / TILE_HEIGHT]?.push(Buffer.from(hash));
  });
  return async (level, start, count) => {
    expect(Math.floor(start / 256)).toBe(Math.floor((start + count - 1) / 256));
    const found = levels[level]?.slice(start, start + count) ?? [];
    expect(found).toHaveLength(count);
    return Buffer.concat(found);
  };
}

function leavesOf(size: number): Buffer {
  return Buffer.concat(Array.from({ length: size }, (_, index) => leafHash(`entry ${index}`)));
}

describe("proofs of the Certificate Transparency vectors", () => {
  const read = readerOf(hashesFromHex(ctLeafHashes));

  it("makes and verifies the audit paths of the tree of 7", async () => {
    for (const [index, path] of ctInclusionOf7.entries()) {
      expect(hexes(await makeInclusionProof(read, index, 7))).toEqual(path);
      expect(inclusionHolds(bytes(ctLeafHashes[index] ?? ""), index, 7, path.map(bytes), ctRoot(7))).toBe(true);
    }
  });

  it("makes and verifies the consistency proofs", async () => {
    for (const { from, to, proof } of ctConsistency) {
      expect(hexes(await makeConsistencyProof(read, from, to))).toEqual(proof);
      expect(consistencyHolds(from, to, proof.map(bytes), ctRoot(from), ctRoot(to))).toBe(true);
    }
  });

  it("refuses to prove what is not in the tree", async () => {
    await expect(makeInclusionProof(read, 7, 7)).rejects.toThrow("no leaf 7");
    await expect(makeConsistencyProof(read, 0, 7)).rejects.toThrow(RangeError);
    await expect(makeConsistencyProof(read, 8, 7)).rejects.toThrow(RangeError);
  });
});

describe("proofs over trees of any size", () => {
  const largest = 70_000;
  const leaves = leavesOf(largest);
  const read = readerOf(leaves);
  const leaf = (index: number): Buffer => leaves.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
  /** Sizes around the borders of tiles are as likely as small ones and any. */
  const sizes = fc.oneof(
    fc.integer({ min: 1, max: 40 }),
    fc.integer({ min: 250, max: 520 }),
    fc.integer({ min: 65_530, max: 65_800 }),
    fc.integer({ min: 1, max: largest }),
  );
  const flip = (hash: Buffer, byte: number): Buffer => {
    const changed = Buffer.from(hash);
    changed[byte % HASH_BYTES] = (changed[byte % HASH_BYTES] ?? 0) ^ 1;
    return changed;
  };

  it("finds the root of every size from tiles alone", async () => {
    await fc.assert(
      fc.asyncProperty(sizes, async (size) => {
        const frontier = new Frontier();
        frontier.append(leaves.subarray(0, size * HASH_BYTES));
        expect(await rootAt(read, size)).toEqual(frontier.root());
      }),
      { numRuns: 30 },
    );
  });

  it("proves inclusion, and nothing else passes", async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), fc.nat(), async (size, pick, byte) => {
        const index = pick % size;
        const root = await rootAt(read, size);
        const proof = await makeInclusionProof(read, index, size);
        expect(proof.length).toBeLessThanOrEqual(Math.ceil(Math.log2(size)) + 1);
        expect(inclusionHolds(leaf(index), index, size, proof, root)).toBe(true);
        expect(inclusionHolds(flip(leaf(index), byte), index, size, proof, root)).toBe(false);
        expect(inclusionHolds(leaf(index), index, size, proof, flip(root, byte))).toBe(false);
        expect(inclusionHolds(leaf(index), index, size, [...proof, root], root)).toBe(false);
        expect(inclusionHolds(leaf(index), size, size, proof, root)).toBe(false);
        if (size > 1) {
          const other = (index + 1 + (byte % (size - 1))) % size;
          expect(inclusionHolds(leaf(index), other, size, proof, root)).toBe(false);
          const at = byte % proof.length;
          expect(inclusionHolds(leaf(index), index, size, proof.with(at, flip(root, byte)), root)).toBe(false);
          expect(inclusionHolds(leaf(index), index, size, proof.slice(1), root)).toBe(false);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("proves consistency, and nothing else passes", async () => {
    await fc.assert(
      fc.asyncProperty(sizes, sizes, fc.nat(), async (one, other, byte) => {
        const [from, to] = one < other ? [one, other] : [other, one];
        const [fromRoot, toRoot] = [await rootAt(read, from), await rootAt(read, to)];
        const proof = await makeConsistencyProof(read, from, to);
        expect(consistencyHolds(from, to, proof, fromRoot, toRoot)).toBe(true);
        expect(consistencyHolds(from, to, proof, flip(fromRoot, byte), toRoot)).toBe(false);
        expect(consistencyHolds(from, to, proof, fromRoot, flip(toRoot, byte))).toBe(false);
        expect(consistencyHolds(from, to, [...proof, toRoot], fromRoot, toRoot)).toBe(false);
        if (proof.length > 0) {
          const at = byte % proof.length;
          expect(consistencyHolds(from, to, proof.with(at, flip(toRoot, byte)), fromRoot, toRoot)).toBe(false);
          expect(consistencyHolds(from, to, proof.slice(0, -1), fromRoot, toRoot)).toBe(false);
        }
      }),
      { numRuns: 200 },
    );
  });
});
