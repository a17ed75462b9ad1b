import { AppError, redacted, type StoredLines } from "@daybook/contract";
import type { Querier } from "../../access/staff-store.ts";
import type { CleanLine, LineBatch } from "./line-batch.ts";
import { foldLines, shouldFold } from "./line-folding.ts";
import { type LineTuple, readTuples } from "./line-pages.ts";
import { plainText } from "./line-text.ts";

/** Lines of one row: few enough to be written again when another line joins them, many enough for few rows. */
export const CHUNK_LINES = 200;
/** The same for long lines. A row that is larger takes no further ones. */
export const CHUNK_CHARS = 64 * 1024;
const CHUNK_BYTES_STORED_MAX = 24 * 1024;
/** A worker's last lines may come after the end of its task was told. */
const LATE_MS = 10 * 60_000;
/** Of the line that lists show: it is written with every batch. */
const LAST_LINE_CHARS = 300;
/** Statuses below it are open. */
const OPEN_STATUSES = 2;

interface LockedTask {
  status: number;
  attempt: number;
  line_count: number;
  lines_attempt: number;
  lines_from: number;
  finished_at: Date | null;
}

/**
 * Stores batches of lines of one task, in their order, in the caller's transaction. A batch that cannot be stored gives its error
 * and leaves the others alone.
 *  1. Lock the task's row: whoever holds it gives out the numbers.
 *  2. Leave out of each batch what is there already; refuse one before which lines are missing.
 *  3. Fill up the last row of lines, make further ones, move the task's count, fold the middle, notify.
 */
export async function storeBatches(
  client: Querier,
  workspaceId: number,
  taskId: string,
  batches: readonly LineBatch[],
  nowMs: number,
): Promise<(StoredLines | AppError)[]> {
  const { rows } = await client.query<LockedTask>(
    `select status, attempt, line_count, lines_attempt, lines_from, finished_at from task
       where workspace_id = $1 and id = $2 for update`,
    [workspaceId, taskId],
  );
  const [task] = rows;
  const refusal = refusalOf(task, taskId, nowMs);
  if (task === undefined || refusal !== undefined) return batches.map(() => refusal ?? notThere(taskId));
  const numbering = new Numbering(client, workspaceId, taskId, task);
  const answers: (StoredLines | AppError)[] = [];
  for (const batch of batches) answers.push(await numbering.take(batch));
  if (numbering.fresh.length > 0) await write(client, workspaceId, taskId, task, numbering);
  return answers;
}

function refusalOf(task: LockedTask | undefined, taskId: string, nowMs: number): AppError | undefined {
  if (task === undefined) return notThere(taskId);
  if (task.status < OPEN_STATUSES) return undefined;
  if (task.finished_at !== null && nowMs - Number(task.finished_at) <= LATE_MS) return undefined;
  return new AppError("task_finished", "The task finished more than ten minutes ago; it takes no further lines.");
}

const notThere = (id: string): AppError => new AppError("not_found", `There is no task ${id} in this workspace.`);

/** Gives lines their numbers. */
class Numbering {
  readonly #client: Querier;
  readonly #workspaceId: number;
  readonly #taskId: string;
  readonly #task: LockedTask;
  readonly fresh: LineTuple[] = [];
  /** Where the lines of the task's attempt begin. */
  begin: number;

  constructor(client: Querier, workspaceId: number, taskId: string, task: LockedTask) {
    this.#client = client;
    this.#workspaceId = workspaceId;
    this.#taskId = taskId;
    this.#task = task;
    this.begin = task.lines_attempt === task.attempt ? task.lines_from : task.line_count;
  }

  get total(): number {
    return this.#task.line_count + this.fresh.length;
  }

  async take({ lines, from, attempt = this.#task.attempt }: LineBatch): Promise<StoredLines | AppError> {
    const next = this.total - this.begin;
    const isOfNow = attempt === this.#task.attempt;
    if (isOfNow && from !== undefined && from > next)
      return outOfOrder(`Lines ${next} to ${from - 1} are missing before these.`, next);
    const skipped = isOfNow && from !== undefined ? Math.min(next - from, lines.length) : 0;
    if (skipped > 0 && !(await this.#isStored(lines.slice(0, skipped), this.begin + (from ?? 0))))
      return outOfOrder(`Other lines were stored as ${from} and following; the next one is ${next}.`, next);
    for (const { atMs, stream, text } of lines.slice(skipped)) this.fresh.push([atMs, stream, attempt, text]);
    const total = this.total;
    return { stored: lines.length - skipped, duplicates: skipped, next: total - this.begin, total };
  }

  /** Whether these lines stand at a place already; those that were folded away count as such. */
  async #isStored(lines: readonly CleanLine[], first: number): Promise<boolean> {
    const before = await readTuples(this.#client, this.#workspaceId, this.#taskId, first, lines.length);
    return lines.every(({ stream, text }, index) => {
      const n = first + index;
      const there = n < this.#task.line_count ? before.get(n) : this.fresh[n - this.#task.line_count];
      return there === undefined || (there[1] === stream && there[3] === text);
    });
  }
}

const outOfOrder = (detail: string, next: number): AppError =>
  new AppError("lines_out_of_order", detail, { extra: { next } });

/** A row of lines, with its size as it is stored. */
interface Chunk {
  first_n: number;
  line_count: number;
  bytes: number;
}

interface Piece {
  first_n: number;
  line_count: number;
  lines: LineTuple[];
}

async function write(
  client: Querier,
  workspaceId: number,
  taskId: string,
  task: LockedTask,
  { fresh, begin, total }: Numbering,
): Promise<void> {
  const last = task.line_count === 0 ? undefined : await lastChunk(client, workspaceId, taskId);
  const joins = last !== undefined && last.bytes < CHUNK_BYTES_STORED_MAX && last.line_count < CHUNK_LINES;
  const pieces = piecesOf(fresh, task.line_count, joins ? last : undefined);
  await client.query(
    `with given as (select * from jsonb_to_recordset($3::jsonb) as given(first_n int, line_count int, lines jsonb)),
     put as (
       insert into task_lines as kept (workspace_id, task_id, first_n, line_count, lines)
       select $1, $2, first_n, line_count, lines from given
       on conflict (workspace_id, task_id, first_n)
         do update set line_count = kept.line_count + excluded.line_count, lines = kept.lines || excluded.lines),
     moved as (
       update task set line_count = $4, lines_attempt = attempt, lines_from = $5, last_line = coalesce($6, last_line)
       where workspace_id = $1 and id = $2)
     select pg_notify('daybook_lines', $1::int || ' ' || $2::uuid)`,
    [workspaceId, taskId, JSON.stringify(pieces), total, begin, lastLineOf(fresh)],
  );
  if (shouldFold(task.line_count, total)) await foldLines(client, workspaceId, taskId, total);
}

async function lastChunk(client: Querier, workspaceId: number, taskId: string): Promise<Chunk | undefined> {
  const { rows } = await client.query<Chunk>(
    `select first_n, line_count, pg_column_size(lines) as bytes from task_lines
       where workspace_id = $1 and task_id = $2 order by first_n desc limit 1`,
    [workspaceId, taskId],
  );
  return rows[0];
}

/** What a list of tasks shows of the output: the last line that says anything, without colours. */
export function lastLineOf(lines: readonly LineTuple[]): string | null {
  const line = lines.findLast(([, , , text]) => text.trim() !== "");
  return line === undefined ? null : plainText(line[3]).slice(0, LAST_LINE_CHARS).toWellFormed();
}

/** Rows of lines; the first of them may be added to the last one there is. */
function piecesOf(fresh: readonly LineTuple[], first: number, last: Omit<Chunk, "bytes"> | undefined): Piece[] {
  const pieces: Piece[] = [];
  let room = last === undefined ? 0 : CHUNK_LINES - last.line_count;
  let chars = 0;
  let piece: Piece | undefined;
  for (const [index, line] of fresh.entries()) {
    chars += line[3].length;
    if (piece === undefined || room === 0 || chars > CHUNK_CHARS) {
      const joined = pieces.length === 0 && room > 0 && last !== undefined;
      piece = { first_n: joined ? last.first_n : first + index, line_count: 0, lines: [] };
      if (!joined) room = CHUNK_LINES;
      chars = line[3].length;
      pieces.push(piece);
    }
    piece.lines.push(line);
    piece.line_count++;
    room--;
  }
  return pieces;
}

/** Whether the last line that the task has may be part of a private key; see LineCleaner. */
export async function endsInKey(db: Querier, workspaceId: number, taskId: string): Promise<boolean> {
  const { rows } = await db.query<{ last_line: string | null }>(
    "select last_line from task where workspace_id = $1 and id = $2",
    [workspaceId, taskId],
  );
  return rows[0]?.last_line?.endsWith(redacted) === true;
}
