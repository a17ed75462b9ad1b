import { AppError, type InclusionProof } from "@daybook/contract";
import type { Pool } from "pg";
import { parseCheckpoint, signCheckpoint } from "./checkpoint.ts";
import { appendToCheckpointFile, checkpointFile, lastInCheckpointFile } from "./checkpoint-file.ts";
import type { LogKeys, OwnKey } from "./log-keys.ts";
import { consistencyHolds, makeConsistencyProof } from "./proof.ts";
import { type LogHead, proveInclusion, readHead } from "./prove.ts";
import { hashReader } from "./tile-reader.ts";

/** A checkpoint takes 300 bytes in the file and in the database: so 16 MB of each a year and busy workspace. */
const EVERY_MINUTES = 10;

export interface CheckpointBookParts {
  /** May read the log and insert into log_checkpoint. */
  db: Pool;
  keys: LogKeys;
  /** The data directory, for the file of checkpoints. */
  data: string;
}

/** Signs the heads of the logs, and writes down every checkpoint before it is given out. */
export class CheckpointBook {
  readonly #parts: CheckpointBookParts;
  /** The signing of each workspace under way: one at a time, so that the file has them in order. */
  readonly #turns = new Map<number, Promise<unknown>>();

  /** The last note of each file, as far as this process wrote or read it. */
  readonly #written = new Map<string, string>();

  constructor(parts: CheckpointBookParts) {
    this.#parts = parts;
  }

  get keys(): LogKeys {
    return this.#parts.keys;
  }

  /** The public keys of a workspace's log, the one in use first; it is made when there is none. */
  publicKeys(workspace: string): (OwnKey & { current: boolean })[] {
    this.#parts.keys.signer(workspace);
    const keys = this.#parts.keys.verifiers(workspace).reverse();
    return keys.map((key, place) => ({ ...key, current: place === 0 }));
  }

  /**
   * The signed checkpoint of a log as it is now; the same one again while the log has not grown.
   * @throws AppError log_inconsistent when the log does not extend the last checkpoint: it was changed behind our back,
   * and signing that would be a lie. not_found without such a workspace.
   */
  current(workspaceId: number): Promise<string> {
    const before = this.#turns.get(workspaceId) ?? Promise.resolve();
    const turn = before.then(() => this.#sign(workspaceId));
    this.#turns.set(
      workspaceId,
      turn.catch(() => {}),
    );
    return turn;
  }

  /** A proof that an event is in the log, up to the last checkpoint if that has it, else up to a new one. */
  async prove(workspaceId: number, seq: number): Promise<InclusionProof> {
    const last = await this.#last(workspaceId);
    const checkpoint = last !== undefined && last.size >= seq ? last.note : await this.current(workspaceId);
    const { size } = parseCheckpoint(checkpoint);
    return { ...(await proveInclusion(this.#parts.db, workspaceId, seq, size)), checkpoint };
  }

  /**
   * Signs every log that has grown since its last checkpoint and has had none for a while, so that what was logged is
   * pinned down also when nobody asks. Makes the key when there is none.
   */
  async signRegularly(): Promise<void> {
    const { rows } = await this.#parts.db.query<{ id: number }>(
      `select workspace_id as id from log_head h where size > 0 and not exists (
         select 1 from log_checkpoint c where c.workspace_id = h.workspace_id
           and (c.size = h.size or c.signed_at > now() - make_interval(mins => $1)))`,
      [EVERY_MINUTES],
    );
    const failed: unknown[] = [];
    // A log that cannot be signed must not keep the others from being signed.
    for (const { id } of rows) await this.current(id).catch((error: unknown) => failed.push(error));
    if (failed.length > 0) throw failed[0];
  }

  /**
   * 1. Reuse the checkpoint of this size.
   * 2. Refuse when the log does not extend the last one, in the database or in the file.
   * 3. Sign; store it in the database, then write it to the file: what the file has, the database must have.
   */
  async #sign(workspaceId: number): Promise<string> {
    const { db, keys, data } = this.#parts;
    const found = await db.query<{ slug: string }>("select slug from workspace where id = $1", [workspaceId]);
    const slug = found.rows[0]?.slug;
    if (slug === undefined) throw new AppError("not_found", `There is no workspace ${workspaceId}.`);
    const head = await readHead(db, workspaceId);
    const file = checkpointFile(data, slug);
    const stored = await this.#last(workspaceId);
    if (stored?.size === head.size && stored.root.equals(head.root)) return this.#write(file, stored.note);
    if (stored !== undefined) await this.#checkExtends(workspaceId, head, stored);
    const written = await lastInCheckpointFile(file);
    if (written !== undefined) await this.#checkExtends(workspaceId, head, parseCheckpoint(written), file);
    const signer = keys.signer(slug);
    const note = signCheckpoint({ origin: signer.name, ...head, extensions: [] }, [signer]);
    // Another server may have signed the same size just now: then its note counts.
    const kept = await db.query<{ note: string }>(
      `with made as (
         insert into log_checkpoint (workspace_id, size, root, note) values ($1, $2, $3, $4)
         on conflict do nothing returning note)
       select note from made union all select note from log_checkpoint where workspace_id = $1 and size = $2 limit 1`,
      [workspaceId, head.size, head.root, note],
    );
    return this.#write(file, kept.rows[0]?.note ?? note);
  }

  /** Adds the note to the file unless it is its last one: it is given out only then. */
  async #write(file: string, note: string): Promise<string> {
    if (this.#written.get(file) === note) return note;
    if ((await lastInCheckpointFile(file)) !== note) await appendToCheckpointFile(file, note);
    this.#written.set(file, note);
    return note;
  }

  async #last(workspaceId: number): Promise<(LogHead & { note: string }) | undefined> {
    const { rows } = await this.#parts.db.query<{ size: number | string; root: Buffer; note: string }>(
      "select size, root, note from log_checkpoint where workspace_id = $1 order by size desc limit 1",
      [workspaceId],
    );
    const [row] = rows;
    return row === undefined ? undefined : { size: Number(row.size), root: row.root, note: row.note };
  }

  async #checkExtends(workspaceId: number, head: LogHead, earlier: LogHead, file?: string): Promise<void> {
    if (earlier.size === 0) return;
    const moved = file === undefined ? "" : ` If the database was replaced on purpose, move ${file} away.`;
    if (earlier.size > head.size) {
      throw inconsistent(`A checkpoint of ${earlier.size} events was given out, but the log has ${head.size}.${moved}`);
    }
    const read = hashReader(this.#parts.db, workspaceId, head.size, { edges: [earlier.size, head.size] });
    const proof = await makeConsistencyProof(read, earlier.size, head.size).catch((error: unknown) => {
      throw inconsistent(error instanceof Error ? error.message : String(error));
    });
    if (consistencyHolds(earlier.size, head.size, proof, earlier.root, head.root)) return;
    throw inconsistent(`The log does not begin with the ${earlier.size} events of its last checkpoint.${moved}`);
  }
}

function inconsistent(reason: string): AppError {
  return new AppError("log_inconsistent", `${reason} No checkpoint is signed. Run daybook verify.`);
}
