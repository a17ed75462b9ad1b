/**
 * Verification of a whole log in the database, in constant memory. See docs/guides/proofs.md for what it proves.
 */
import { AppError } from "@daybook/contract";
import type { Pool, PoolClient } from "pg";
import { TILE_HEIGHT } from "../merkle/proof.ts";
import { Frontier, HASH_BYTES } from "../merkle/tree.ts";
import { BUCKET_EVENTS, BUCKET_HEIGHT, type BucketReport, checkBucket, type LogToCheck } from "./bucket.ts";
import { ShortWays } from "./bucket-rows.ts";
import { CheckpointCheck, type Witnesses } from "./checkpoint-check.ts";
import { CountCheck } from "./count-check.ts";
import { checkBuckets } from "./crew.ts";
import { explain } from "./explain.ts";
import { firstOf, type VerifyFault } from "./fault.ts";
import { checkHead, checkShape, checkUpperLevels } from "./log-shape.ts";
import { Snapshot } from "./snapshot.ts";

export interface VerifyResult {
  ok: boolean;
  /** Events that the head of the log says there are. */
  size: number;
  /** Root of what was read, hex; with a fault, the one that the head of the log gives. */
  root: string;
  /** Events that were read and recomputed. */
  events: number;
  /** Events of which a group was erased. */
  erased: number;
  /** Checkpoints that the log was held against. */
  checkpoints: number;
  firstFault?: VerifyFault;
  /** What could not be checked, and why. */
  remarks: string[];
}

export interface VerifyOptions extends Witnesses {
  /** Called some times a second with the events checked so far. */
  onProgress?: (checked: number, size: number) => void;
}

/**
 * Verifies the log of a workspace as it is at this moment, while others go on writing.
 *  1. Fix a snapshot; read the head and the checkpoints.
 *  2. Is anything stored that the head does not cover?
 *  3. Recompute every leaf, every tile and every root from the stored columns (see bucket.ts), up to the first fault.
 *  4. Compare the head, the upper levels of the tree, the checkpoints and the counts.
 * Answers with the first fault; throws AppError not_found without such a workspace, and what the database throws.
 */
export async function verify(db: Pool, workspaceId: number, options: VerifyOptions): Promise<VerifyResult> {
  const snapshot = await Snapshot.take(db);
  try {
    const log = await snapshot.read((client) => readLog(client, workspaceId));
    const result = await verifyLog(snapshot, log, options);
    const { firstFault } = result;
    if (firstFault !== undefined) result.firstFault = await snapshot.read((client) => explain(client, log, firstFault));
    return result;
  } finally {
    await snapshot.release();
  }
}

async function readLog(client: PoolClient, workspaceId: number): Promise<LogToCheck> {
  const { rows } = await client.query<{ slug: string; size: number | string | null; frontier: Buffer | null }>(
    "select slug, size, frontier from workspace left join log_head on workspace_id = id where id = $1",
    [workspaceId],
  );
  const [row] = rows;
  if (row === undefined) throw new AppError("not_found", `There is no workspace ${workspaceId}.`);
  return {
    workspaceId,
    slug: row.slug,
    size: Number(row.size ?? 0),
    frontier: row.frontier ?? Buffer.alloc(0),
    headUnfit: false,
  };
}

async function verifyLog(snapshot: Snapshot, log: LogToCheck, options: VerifyOptions): Promise<VerifyResult> {
  const { workspaceId, slug } = log;
  const checkpoints = await snapshot.read((client) => CheckpointCheck.load(client, workspaceId, slug, options));
  const faults = await snapshot.read((client) => checkHead(client, log));
  log.headUnfit = faults.length > 0;
  // With a wrong head every part of the tree that it is held against seems wrong too.
  if (!log.headUnfit) faults.push(...(await snapshot.read((client) => checkShape(client, log))));
  const counts = new CountCheck();
  const tree = new GrowingTree(checkpoints);
  const result = { size: log.size, events: 0, erased: 0, checkpoints: checkpoints.count, remarks: checkpoints.remarks };
  for await (const report of reports(snapshot, log, (bucket) => checkpoints.sizesIn(bucket, log.size))) {
    result.events += report.events;
    result.erased += report.erased;
    faults.push(...report.faults);
    // A tree over events that do not fit would only add faults that follow from the first.
    if (report.faults.length > 0) return finish(result, storedRoot(log), [...faults, ...checkpoints.faults]);
    tree.add(report.frontier, report.prefixes, checkpoints.sizesIn(report.bucket, log.size), report.events);
    counts.add(report.hours);
    options.onProgress?.(result.events, log.size);
    await snapshot.keepAlive();
  }
  if (log.headUnfit) return finish(result, storedRoot(log), [...faults, ...checkpoints.faults]);
  checkpoints.finish(log.size);
  if (!tree.serialise().equals(log.frontier)) {
    faults.push({ seq: null, kind: "head", what: "The frontier in the head of the log is not what the events give." });
  }
  faults.push(...(await snapshot.read((client) => checkUpperLevels(client, log, tree.levels))));
  faults.push(...(await snapshot.read((client) => counts.compare(client, workspaceId))));
  return finish(result, tree.root(log.size).toString("hex"), [...faults, ...checkpoints.faults]);
}

/** The reports of all buckets in order. A log of one bucket is not worth starting threads for. */
async function* reports(
  snapshot: Snapshot,
  log: LogToCheck,
  sizesOf: (bucket: number) => number[],
): AsyncGenerator<BucketReport> {
  const buckets = Math.ceil(log.size / BUCKET_EVENTS);
  const short = new ShortWays(log.slug);
  if (buckets === 1) yield await snapshot.read((client) => checkBucket(client, log, 0, sizesOf(0), short));
  else if (buckets > 1) yield* checkBuckets(snapshot, log, buckets, sizesOf);
}

function finish(
  result: Omit<VerifyResult, "ok" | "root" | "firstFault">,
  root: string,
  faults: readonly VerifyFault[],
): VerifyResult {
  const firstFault = firstOf(faults);
  return { ok: firstFault === undefined, ...result, root, ...(firstFault === undefined ? {} : { firstFault }) };
}

function storedRoot(log: LogToCheck): string {
  try {
    return new Frontier(log.size, log.frontier).root().toString("hex");
  } catch {
    return "";
  }
}

/** The tree over the buckets, and what its levels from 2 on must hold. */
class GrowingTree {
  /** Hashes by tile level; levels 0 and 1 are checked with the buckets. */
  readonly levels: Buffer[][] = [];
  readonly #checkpoints: CheckpointCheck;
  readonly #buckets = new Frontier();
  #rest: Buffer = Buffer.alloc(0);

  constructor(checkpoints: CheckpointCheck) {
    this.#checkpoints = checkpoints;
    checkpoints.compare(0, new Frontier().root());
  }

  /** Adds the next bucket: its perfect subtrees, and those of its first leaves for each of `sizes`. */
  add(frontier: Uint8Array, prefixes: readonly Uint8Array[], sizes: readonly number[], events: number): void {
    const before = this.#buckets.serialise();
    const ascending = [...sizes].sort((one, other) => one - other);
    for (const [index, size] of ascending.entries()) {
      const subtrees = Buffer.concat([before, prefixes[index] ?? Buffer.alloc(0)]);
      this.#checkpoints.compare(size, new Frontier(size, subtrees).root());
    }
    if (events < BUCKET_EVENTS) {
      this.#rest = Buffer.from(frontier);
      return;
    }
    this.#buckets.append(frontier, (height, index, hash) => this.#keep(height + BUCKET_HEIGHT, index, hash));
    const size = this.#buckets.size * BUCKET_EVENTS;
    this.#checkpoints.compare(size, this.#buckets.root());
  }

  /** The perfect subtrees of everything added. */
  serialise(): Buffer {
    return Buffer.concat([this.#buckets.serialise(), this.#rest]);
  }

  root(size: number): Buffer {
    return new Frontier(size, this.serialise()).root();
  }

  #keep(height: number, index: number, hash: Buffer): void {
    if (height % TILE_HEIGHT !== 0 || hash.length !== HASH_BYTES) return;
    const level = height / TILE_HEIGHT;
    this.levels[level] ??= [];
    const hashes = this.levels[level];
    if (hashes.length === index) hashes.push(Buffer.from(hash));
  }
}
