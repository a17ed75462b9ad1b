import { Frontier, HASH_BYTES } from "../merkle/tree.ts";

/** Leaves are kept in blocks of so many: 0.5 MB each. */
const BLOCK_LEAVES = 16_384;

/**
 * Leaf hashes that come in any order, to become a tree. In ascending order nothing is kept; out of order, 33 bytes an event.
 * The root is taken at one size: that of the checkpoint.
 */
export class LeafPile {
  readonly #tree = new Frontier();
  readonly #blocks = new Map<number, { leaves: Buffer; there: Uint8Array }>();
  readonly #wanted: number;
  #root: Buffer | undefined;

  constructor(wanted: number) {
    this.#wanted = wanted;
    this.#note();
  }

  /** Events from the first on without a gap. */
  get size(): number {
    return this.#tree.size;
  }

  /** The root of the first `wanted` events; undefined while they are not all there. */
  get root(): Buffer | undefined {
    return this.#root;
  }

  /** The root of the events from the first on without a gap. */
  get rootSoFar(): Buffer {
    return this.#tree.root();
  }

  /** Returns false when that event was there before. */
  add(seq: number, leaf: Buffer): boolean {
    if (seq <= this.#tree.size) return false;
    if (seq === this.#tree.size + 1) {
      this.#append(leaf);
      this.#takeKept();
      return true;
    }
    const { block, place } = this.#place(seq);
    if (block.there[place] === 1) return false;
    block.there[place] = 1;
    block.leaves.set(leaf, place * HASH_BYTES);
    return true;
  }

  /** Appends what came too early and fits now. */
  #takeKept(): void {
    for (;;) {
      const number = Math.floor(this.#tree.size / BLOCK_LEAVES);
      const block = this.#blocks.get(number);
      const place = this.#tree.size % BLOCK_LEAVES;
      if (place === 0) this.#blocks.delete(number - 1);
      if (block?.there[place] !== 1) return;
      this.#append(block.leaves.subarray(place * HASH_BYTES, (place + 1) * HASH_BYTES));
    }
  }

  #append(leaf: Uint8Array): void {
    this.#tree.append(leaf);
    this.#note();
  }

  #note(): void {
    if (this.#tree.size === this.#wanted) this.#root = this.#tree.root();
  }

  #place(seq: number): { block: { leaves: Buffer; there: Uint8Array }; place: number } {
    const number = Math.floor((seq - 1) / BLOCK_LEAVES);
    const block = this.#blocks.get(number) ?? {
      leaves: Buffer.alloc(BLOCK_LEAVES * HASH_BYTES),
      there: new Uint8Array(BLOCK_LEAVES),
    };
    this.#blocks.set(number, block);
    return { block, place: (seq - 1) % BLOCK_LEAVES };
  }
}
