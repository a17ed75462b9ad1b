/** Inclusion and consistency proofs: made as RFC 6962 section 2.1 says, verified as RFC 9162 section 2.1 does. */
import { emptyRoot, nodeHash, rootOf } from "./tree.ts";

/** Leaves of one tile, and hashes of one: 2^TILE_HEIGHT (C2SP tlog-tiles). */
export const TILE_HEIGHT = 8;
export const TILE_WIDTH = 256;

/**
 * Reads `count` neighbouring hashes of a tile level from `start` on, 32 bytes each. A hash of level L covers 256^L
 * leaves. Only hashes of one tile are asked for at a time, and only ones that the tree is large enough to have.
 */
export type HashReader = (level: number, start: number, count: number) => Promise<Buffer>;

/** The leaves [start, end). */
interface Range {
  start: number;
  end: number;
}

/** The audit path of leaf `index` in the tree of the first `size` leaves, lowest first. */
export async function makeInclusionProof(read: HashReader, index: number, size: number): Promise<Buffer[]> {
  if (!(index >= 0 && index < size)) throw new RangeError(`A tree of ${size} leaves has no leaf ${index}.`);
  const path: Range[] = [];
  let range: Range = { start: 0, end: size };
  while (range.end - range.start > 1) {
    const [left, right] = halves(range);
    const inLeft = index < right.start;
    path.push(inLeft ? right : left);
    range = inLeft ? left : right;
  }
  return hashesOf(read, path.reverse());
}

/** The proof that the tree of `to` leaves begins with the tree of `from` leaves; empty when they are the same. */
export async function makeConsistencyProof(read: HashReader, from: number, to: number): Promise<Buffer[]> {
  if (!(from >= 1 && from <= to)) throw new RangeError(`A tree of ${to} leaves cannot extend one of ${from}.`);
  const proof: Range[] = [];
  let range: Range = { start: 0, end: to };
  while (range.end !== from) {
    const [left, right] = halves(range);
    const inLeft = from <= right.start;
    proof.push(inLeft ? right : left);
    range = inLeft ? left : right;
  }
  // The verifier knows the old root itself; it needs the last subtree only when that is not the whole old tree.
  if (range.start !== 0) proof.push(range);
  return hashesOf(read, proof.reverse());
}

/** The root of the tree of the first `size` leaves. */
export async function rootAt(read: HashReader, size: number): Promise<Buffer> {
  return size === 0 ? emptyRoot() : rangeHash(read, { start: 0, end: size });
}

/** Whether `proof` shows that `leaf` is leaf `index` of the tree with this root (RFC 9162, 2.1.3.2). */
export function inclusionHolds(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!(Number.isSafeInteger(index) && Number.isSafeInteger(size) && index >= 0 && index < size)) return false;
  let hash: Uint8Array = leaf;
  let node = index;
  let last = size - 1;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash);
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, Math.floor(last / 2)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return last === 0 && same(hash, root);
}

/** Whether `proof` shows that the tree of `to` leaves extends the one of `from` leaves (RFC 9162, 2.1.4.2). */
export function consistencyHolds(
  from: number,
  to: number,
  proof: readonly Uint8Array[],
  fromRoot: Uint8Array,
  toRoot: Uint8Array,
): boolean {
  if (!(Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= 1 && from <= to)) return false;
  if (from === to) return proof.length === 0 && same(fromRoot, toRoot);
  let node = from - 1;
  let last = to - 1;
  while (node % 2 === 1) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  const path = node === 0 ? [fromRoot, ...proof] : [...proof];
  const first = path.shift();
  if (first === undefined) return false;
  let older = first;
  let newer = first;
  for (const sibling of path) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      older = nodeHash(sibling, older);
      newer = nodeHash(sibling, newer);
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, Math.floor(last / 2)];
    } else {
      newer = nodeHash(newer, sibling);
    }
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return last === 0 && same(older, fromRoot) && same(newer, toRoot);
}

/** Splits a range of at least two leaves at the largest power of two smaller than it. */
function halves({ start, end }: Range): [Range, Range] {
  let split = 1;
  while (split * 2 < end - start) split *= 2;
  return [
    { start, end: start + split },
    { start: start + split, end },
  ];
}

async function hashesOf(read: HashReader, ranges: readonly Range[]): Promise<Buffer[]> {
  const hashes: Buffer[] = [];
  for (const range of ranges) hashes.push(await rangeHash(read, range));
  return hashes;
}

/** The tree hash of a range that begins on a border of its largest perfect subtree. */
async function rangeHash(read: HashReader, range: Range): Promise<Buffer> {
  const subtrees: Buffer[] = [];
  for (let start = range.start; start < range.end; ) {
    let height = 0;
    while (start + 2 ** (height + 1) <= range.end) height++;
    subtrees.push(await subtreeHash(read, height, start / 2 ** height));
    start += 2 ** height;
  }
  return subtrees.reduceRight((right, left) => nodeHash(left, right));
}

/** The hash of a perfect subtree, from the hashes of the tile level at or below it. */
async function subtreeHash(read: HashReader, height: number, index: number): Promise<Buffer> {
  const count = 2 ** (height % TILE_HEIGHT);
  return rootOf(await read(Math.floor(height / TILE_HEIGHT), index * count, count));
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
