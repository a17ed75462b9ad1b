/** Inclusion proofs of RFC 6962, checked in the browser with its own SHA-256. */

/** Whether the browser offers its hash functions here: only over https and on localhost. */
export function canHash(): boolean {
  return globalThis.isSecureContext && globalThis.crypto?.subtle !== undefined;
}

/** The root that a leaf and its audit path lead to (RFC 9162, 2.1.3.2); null if the path does not fit the tree. */
export async function rootFromPath(
  leaf: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
): Promise<Uint8Array | null> {
  if (index < 0 || index >= size) return null;
  let hash = leaf;
  let node = index;
  let last = size - 1;
  for (const sibling of path) {
    if (last === 0) return null;
    if (node % 2 === 1 || node === last) {
      hash = await nodeHash(sibling, hash);
      while (node % 2 === 0 && node !== 0) {
        node /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      hash = await nodeHash(hash, sibling);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? hash : null;
}

async function nodeHash(left: Uint8Array, right: Uint8Array): Promise<Uint8Array> {
  const node = new Uint8Array(1 + left.length + right.length);
  node[0] = 1;
  node.set(left, 1);
  node.set(right, 1 + left.length);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", node));
}

export function bytesOfHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function bytesOfBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

/** What a checkpoint says (C2SP tlog-checkpoint): the log's name, its size and its root, and who signed. */
export interface Checkpoint {
  origin: string;
  size: number;
  root: Uint8Array;
  signers: string[];
}

/** Reads a signed note's text; null if it is no checkpoint. The signature is not checked here. */
export function readCheckpoint(note: string): Checkpoint | null {
  const cut = note.indexOf("\n\n");
  const [origin, size, root] = note.slice(0, cut).split("\n");
  if (cut < 0 || !origin || !size || !root || !/^\d+$/.test(size)) return null;
  const signers = [...note.slice(cut).matchAll(/^— (\S+) /gm)].map((found) => found[1] ?? "");
  return { origin, size: Number(size), root: bytesOfBase64(root), signers };
}
