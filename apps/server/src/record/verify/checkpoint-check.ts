import { hash } from "node:crypto";
import type { PoolClient } from "pg";
import { parseCheckpoint } from "../merkle/checkpoint.ts";
import { checkpointFile, readCheckpointFile } from "../merkle/checkpoint-file.ts";
import type { LogKeys } from "../merkle/log-keys.ts";
import { type NoteVerifier, verifyNote } from "../merkle/note.ts";
import { BUCKET_EVENTS } from "./bucket.ts";
import { eventsText, type VerifyFault } from "./fault.ts";

const PAGE_ROWS = 5_000;

/** What the log is held against besides itself. */
export interface Witnesses {
  /** The data directory, where the file of checkpoints is. */
  data: string;
  keys: LogKeys;
  /** Public keys that are known from elsewhere, e.g. of an earlier installation. */
  otherKeys?: readonly NoteVerifier[];
}

interface Given {
  size: number;
  root: Buffer;
  place: "database" | "file";
}

/** The checkpoints that were given out, and whether the log fits them. */
export class CheckpointCheck {
  readonly faults: VerifyFault[] = [];
  readonly remarks: string[] = [];
  /** By size, ascending. */
  readonly #given: Given[] = [];
  #next = 0;
  #lastGood = 0;

  get count(): number {
    return this.#given.length;
  }

  /** Reads all checkpoints of a workspace and checks their signatures. */
  static async load(
    client: PoolClient,
    workspaceId: number,
    slug: string,
    witnesses: Witnesses,
  ): Promise<CheckpointCheck> {
    const check = new CheckpointCheck();
    const known = [...witnesses.keys.verifiers(slug).map((key) => key.verifier), ...(witnesses.otherKeys ?? [])];
    const stored = new Set<string>();
    /** Those whose signature is checked already: most stand in both places. */
    const notes = new Set<string>();
    for await (const row of storedCheckpoints(client, workspaceId)) {
      const given = check.#read(row.note, "database", known);
      if (given === undefined) continue;
      check.#given.push(given);
      stored.add(keyOf(given));
      notes.add(digest(row.note));
      if (given.size === Number(row.size) && given.root.equals(row.root)) continue;
      const what = `The columns of the checkpoint of ${row.size} events are not what its note says.`;
      check.faults.push({ seq: null, kind: "checkpoint", what });
    }
    for await (const note of readCheckpointFile(checkpointFile(witnesses.data, slug))) {
      if (notes.has(digest(note))) continue;
      const given = check.#read(note, "file", known);
      if (given === undefined || stored.has(keyOf(given))) continue;
      stored.add(keyOf(given));
      check.#given.push(given);
      const what = `The checkpoint of ${given.size} events is in the file of checkpoints, but not in the database any more.`;
      check.faults.push({ seq: null, kind: "checkpoint", what });
    }
    if (check.count > 0 && known.length === 0) {
      check.remarks.push("No public key of the log is known here, so signatures of checkpoints were not checked.");
    }
    check.#given.sort((one, other) => one.size - other.size);
    return check;
  }

  /** Sizes within a bucket (not at its end) of which the root is wanted, up to the size of the log. */
  sizesIn(bucket: number, logSize: number): number[] {
    const [from, to] = [bucket * BUCKET_EVENTS, Math.min((bucket + 1) * BUCKET_EVENTS, logSize + 1)];
    const sizes = new Set<number>();
    for (const { size } of this.#given) if (size > from && size < to) sizes.add(size);
    return [...sizes];
  }

  /** Compares the root of the first `size` events with the checkpoints of that size; sizes come in ascending order. */
  compare(size: number, root: Buffer): void {
    while (this.#next < this.#given.length) {
      const given = this.#given[this.#next] as Given;
      if (given.size > size) return;
      this.#next++;
      if (given.size < size) continue;
      if (given.root.equals(root)) {
        this.#lastGood = size;
        continue;
      }
      const span = eventsText(this.#lastGood + 1, size);
      const what = `The checkpoint of ${size} events (${given.place}) has another root than the log: ${span} and the tree were changed together after it was given out, or the checkpoint was.`;
      this.faults.push({ seq: this.#lastGood + 1, kind: "checkpoint", what });
    }
  }

  /** After the last event: what is left are checkpoints of more events than there are. */
  finish(size: number): void {
    const given = this.#given.at(-1);
    if (given === undefined || given.size <= size) return;
    const what = `A checkpoint of ${given.size} events was given out (${given.place}), but the log ends after event ${size}: ${eventsText(size + 1, given.size)} were cut off.`;
    this.faults.push({ seq: size + 1, kind: "truncated", what });
  }

  #read(note: string, place: Given["place"], known: readonly NoteVerifier[]): Given | undefined {
    try {
      const checkpoint = parseCheckpoint(note);
      if (known.length > 0) {
        const [signer] = verifyNote(checkpoint.note, known);
        if (signer?.name !== checkpoint.origin)
          throw new Error(`It is a checkpoint of another log, ${checkpoint.origin}.`);
      }
      return { size: checkpoint.size, root: checkpoint.root, place };
    } catch (error) {
      const size = /^[^\n]*\n(\d+)\n/.exec(note)?.[1] ?? "?";
      const what = `The checkpoint of ${size} events (${place}) is not authentic: ${(error as Error).message}`;
      this.faults.push({ seq: null, kind: "checkpoint", what });
      return undefined;
    }
  }
}

interface StoredCheckpoint {
  size: string | number;
  root: Buffer;
  note: string;
}

async function* storedCheckpoints(client: PoolClient, workspaceId: number): AsyncGenerator<StoredCheckpoint> {
  for (let after = -1; ; ) {
    const { rows } = await client.query<StoredCheckpoint>(
      "select size, root, note from log_checkpoint where workspace_id = $1 and size > $2 order by size limit $3",
      [workspaceId, after, PAGE_ROWS],
    );
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE_ROWS) return;
    after = Number(last.size);
  }
}

function digest(note: string): string {
  return hash("sha256", note, "base64");
}

function keyOf({ size, root }: Given): string {
  return `${size} ${root.toString("base64")}`;
}
