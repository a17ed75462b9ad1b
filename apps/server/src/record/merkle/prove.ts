/** Proofs about the stored log of a workspace: what routes and pages ask for. */
import { AppError, type ConsistencyProof, type InclusionProof } from "@daybook/contract";
import type { Pool } from "pg";
import { makeConsistencyProof, makeInclusionProof, rootAt } from "./proof.ts";
import { hashReader, readTile } from "./tile-reader.ts";
import { Frontier, HASH_BYTES } from "./tree.ts";

export interface LogHead {
  size: number;
  /** 32 bytes. */
  root: Buffer;
}

/** The size and root of the log now. */
export async function readHead(db: Pick<Pool, "query">, workspaceId: number): Promise<LogHead> {
  const result = await db.query<{ size: string | number; frontier: Buffer }>(
    "select size, frontier from log_head where workspace_id = $1",
    [workspaceId],
  );
  const row = result.rows[0];
  if (row === undefined) return { size: 0, root: new Frontier().root() };
  const size = Number(row.size);
  return { size, root: new Frontier(size, row.frontier).root() };
}

/**
 * Proves that event `seq` is in the log of `size` events (left out: all there are).
 * @throws AppError invalid_request when `seq` or `size` is outside the log.
 */
export async function proveInclusion(
  db: Pick<Pool, "query">,
  workspaceId: number,
  seq: number,
  size?: number,
): Promise<InclusionProof> {
  const head = await readHead(db, workspaceId);
  const of = size ?? head.size;
  checkSize(of, head.size, "size");
  if (seq < 1 || seq > of) throw new AppError("invalid_request", `seq must be from 1 to ${of}.`);
  const index = seq - 1;
  const read = hashReader(db, workspaceId, of, { near: [index], edges: [of] });
  const proof = await makeInclusionProof(read, index, of);
  const leaf = await read(0, index, 1);
  const root = of === head.size ? head.root : await rootAt(read, of);
  return { seq, leafIndex: index, leafHash: hex(leaf), size: of, root: hex(root), proof: proof.map(hex) };
}

/**
 * Proves that the log of `to` events (left out: all there are) begins with the log of `from` events.
 * @throws AppError invalid_request when a size is outside the log.
 */
export async function proveConsistency(
  db: Pick<Pool, "query">,
  workspaceId: number,
  from: number,
  to?: number,
): Promise<ConsistencyProof> {
  const head = await readHead(db, workspaceId);
  const until = to ?? head.size;
  checkSize(until, head.size, "to");
  if (from < 1 || from > until) throw new AppError("invalid_request", `from must be from 1 to ${until}.`);
  const read = hashReader(db, workspaceId, until, { edges: [from, until], near: from < until ? [from] : [] });
  const proof = await makeConsistencyProof(read, from, until);
  const toRoot = until === head.size ? head.root : await rootAt(read, until);
  return { from, to: until, fromRoot: hex(await rootAt(read, from)), toRoot: hex(toRoot), proof: proof.map(hex) };
}

/** The leaf hash of one event in hex, as stored in the tree; undefined when the log does not reach so far. */
export async function storedLeafHash(
  db: Pick<Pool, "query">,
  workspaceId: number,
  seq: number,
): Promise<string | undefined> {
  const index = Math.floor((seq - 1) / 256);
  const at = (seq - 1) % 256;
  const hashes = await readTile(db, workspaceId, { level: 0, index }, at + 1);
  return hashes?.toString("hex", at * HASH_BYTES);
}

function checkSize(size: number, headSize: number, name: string): void {
  if (headSize === 0) throw new AppError("invalid_request", "The log is empty: there is nothing to prove yet.");
  if (size < 1 || size > headSize) throw new AppError("invalid_request", `${name} must be from 1 to ${headSize}.`);
}

function hex(hash: Buffer): string {
  return hash.toString("hex");
}
