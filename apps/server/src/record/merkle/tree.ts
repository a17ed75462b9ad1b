/** The hash tree of RFC 6962 section 2.1 (the same in RFC 9162): SHA-256, 0x00 before a leaf, 0x01 before a node. */
import { hash } from "node:crypto";

export const HASH_BYTES = 32;
/** A tree of 2^53 leaves has at most 53 perfect subtrees; JavaScript counts exactly up to there. */
const STACK_SLOTS = 56;
const HEX_HASH = /^[0-9a-f]{64}$/;

/** Called for every perfect subtree that an append completes, leaves excluded: `height` >= 1, `index` among its height. */
export type NodeSeen = (height: number, index: number, hash: Buffer) => void;

/** SHA-256(0x00 || entry), 32 bytes. */
export function leafHash(entry: Uint8Array | string): Buffer {
  const body = typeof entry === "string" ? Buffer.from(entry) : entry;
  const prefixed = Buffer.allocUnsafe(body.length + 1);
  prefixed[0] = 0;
  prefixed.set(body, 1);
  return sha256(prefixed);
}

/** SHA-256(0x01 || left || right), 32 bytes. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  const prefixed = Buffer.allocUnsafe(1 + 2 * HASH_BYTES);
  prefixed[0] = 1;
  prefixed.set(left, 1);
  prefixed.set(right, 1 + HASH_BYTES);
  return sha256(prefixed);
}

/** The root of the empty tree: the hash of nothing. */
export function emptyRoot(): Buffer {
  return sha256(Buffer.alloc(0));
}

/** The root over `hashes` (32 bytes each, in order); with a power of two of them, the hash of that perfect subtree. */
export function rootOf(hashes: Buffer): Buffer {
  const frontier = new Frontier();
  frontier.append(hashes);
  return frontier.root();
}

/**
 * The right edge of a growing tree: the hashes of its perfect subtrees, largest first. It is all that is needed to
 * append and to know the root. 10,000 appends take about 4 ms, all but 1 ms of it SHA-256.
 */
export class Frontier {
  #size = 0;
  #depth = 0;
  /** One spare byte, then the slots: so that a prefix byte can stand before any two neighbours while they are hashed. */
  readonly #stack = Buffer.alloc(1 + STACK_SLOTS * HASH_BYTES);

  /** @throws RangeError when `hashes` is not one hash for every 1 bit of `size`. */
  constructor(size = 0, hashes: Uint8Array = Buffer.alloc(0)) {
    if (!Number.isSafeInteger(size) || size < 0) throw new RangeError(`A tree cannot have ${size} leaves.`);
    const depth = onesIn(size);
    if (hashes.length !== depth * HASH_BYTES) {
      throw new RangeError(
        `A tree of ${size} leaves has ${depth} perfect subtrees, not ${hashes.length} bytes of hashes.`,
      );
    }
    this.#size = size;
    this.#depth = depth;
    this.#stack.set(hashes, 1);
  }

  get size(): number {
    return this.#size;
  }

  /** Appends leaf hashes (32 bytes each, one after the other). */
  append(leafHashes: Uint8Array, onNode?: NodeSeen): void {
    if (leafHashes.length % HASH_BYTES !== 0) throw new RangeError("Leaf hashes are 32 bytes each.");
    for (let at = 0; at < leafHashes.length; at += HASH_BYTES) {
      this.#stack.set(leafHashes.subarray(at, at + HASH_BYTES), 1 + this.#depth * HASH_BYTES);
      this.#push(onNode);
    }
  }

  /** The root of the tree as it is now. */
  root(): Buffer {
    if (this.#depth === 0) return emptyRoot();
    let root = this.#slot(this.#depth - 1);
    for (let slot = this.#depth - 2; slot >= 0; slot--) root = nodeHash(this.#slot(slot), root);
    return Buffer.from(root);
  }

  /** The hashes of the perfect subtrees, largest first: what the constructor takes. */
  serialise(): Buffer {
    return Buffer.from(this.#stack.subarray(1, 1 + this.#depth * HASH_BYTES));
  }

  #slot(slot: number): Buffer {
    return this.#stack.subarray(1 + slot * HASH_BYTES, 1 + (slot + 1) * HASH_BYTES);
  }

  /** Takes the hash on top of the stack for the next leaf and merges what has become perfect. */
  #push(onNode: NodeSeen | undefined): void {
    const stack = this.#stack;
    this.#depth++;
    let index = this.#size++;
    for (let height = 1; index % 2 === 1; height++) {
      index = (index - 1) / 2;
      const start = 1 + (this.#depth - 2) * HASH_BYTES;
      const before = stack[start - 1] ?? 0;
      stack[start - 1] = 1;
      const merged = hash("sha256", stack.subarray(start - 1, start + 2 * HASH_BYTES), "binary");
      stack[start - 1] = before;
      stack.write(merged, start, HASH_BYTES, "latin1");
      this.#depth--;
      onNode?.(height, index, stack.subarray(start, start + HASH_BYTES));
    }
  }
}

/** Hex hashes, 64 digits each, as bytes one after the other. @throws RangeError when one is not a hash. */
export function hashesFromHex(hex: readonly string[]): Buffer {
  const bytes = Buffer.from(hex.join(""), "hex");
  const wrong = (text: string): boolean => text.length !== 2 * HASH_BYTES;
  if (hex.some(wrong) || bytes.length !== hex.length * HASH_BYTES) {
    const at = hex.findIndex((text) => !HEX_HASH.test(text));
    throw new RangeError(`Leaf hash ${at} is not 64 hexadecimal digits.`);
  }
  return bytes;
}

function onesIn(size: number): number {
  let ones = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2;
  return ones;
}

// Asking for the digest as text and writing it back is 3 times faster than asking for a Buffer (0.29 against
// 1.0 us for 65 bytes on Node 24).
function sha256(bytes: Uint8Array): Buffer {
  return Buffer.from(hash("sha256", bytes, "binary"), "latin1");
}
