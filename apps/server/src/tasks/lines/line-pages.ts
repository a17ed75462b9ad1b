import { lineStreams, type TaskLine } from "@daybook/contract";
import type { Querier } from "../../access/staff-store.ts";
import { maskText } from "../../record/personal.ts";
import { overColours } from "./line-text.ts";

/** A line as it is stored: milliseconds, 0 out or 1 err, attempt, text. */
export type LineTuple = [atMs: number, stream: 0 | 1, attempt: number, text: string];

/** Rows of lines that one statement reads: some 6,000 lines. */
const CHUNKS_READ = 32;

interface Chunk {
  first_n: number;
  lines: LineTuple[];
}

/** A line as those see it who may not see personal data. */
export const maskLine = (line: TaskLine): TaskLine => ({ ...line, text: overColours(line.text, maskText) });

/** Makes a line of the API of a stored one. */
function toLine(n: number, [atMs, stream, attempt, text]: LineTuple): TaskLine {
  return { n, at: new Date(atMs).toISOString(), stream: lineStreams[stream] ?? "out", attempt, text };
}

/** Up to `limit` lines from the number `from` on, those of the middle that are no longer kept left out. */
export async function readLines(
  db: Querier,
  workspaceId: number,
  taskId: string,
  from: number,
  limit: number,
): Promise<TaskLine[]> {
  const lines: TaskLine[] = [];
  let place = Math.max(0, from);
  while (lines.length < limit) {
    const chunks = await chunksFrom(db, workspaceId, taskId, place);
    for (const { first_n, lines: tuples } of chunks)
      for (const [index, tuple] of tuples.entries())
        if (first_n + index >= place && lines.length < limit) lines.push(toLine(first_n + index, tuple));
    const last = chunks.at(-1);
    if (last === undefined || chunks.length < CHUNKS_READ) break;
    place = last.first_n + last.lines.length;
  }
  return lines;
}

/** Up to `limit` lines before the number `before`, in their order: for scrolling up. */
export async function readLinesBefore(
  db: Querier,
  workspaceId: number,
  taskId: string,
  before: number,
  limit: number,
): Promise<TaskLine[]> {
  const pages: TaskLine[][] = [];
  let count = 0;
  let place = before;
  while (count < limit) {
    const { rows } = await db.query<Chunk>(
      `select first_n, lines from task_lines
         where workspace_id = $1 and task_id = $2 and first_n < $3 order by first_n desc limit $4`,
      [workspaceId, taskId, place, CHUNKS_READ],
    );
    for (const { first_n, lines } of rows) {
      const page = lines.map((tuple, index) => toLine(first_n + index, tuple)).filter(({ n }) => n < place);
      pages.unshift(page.slice(Math.max(0, page.length - (limit - count))));
      count = Math.min(limit, count + page.length);
      place = first_n;
      if (count === limit) break;
    }
    if (rows.length < CHUNKS_READ) break;
  }
  return pages.flat();
}

/** Lines that are kept of `count` from `first` on, by number. */
export async function readTuples(
  db: Querier,
  workspaceId: number,
  taskId: string,
  first: number,
  count: number,
): Promise<Map<number, LineTuple>> {
  const found = new Map<number, LineTuple>();
  let place = first;
  while (place < first + count) {
    const chunks = await chunksFrom(db, workspaceId, taskId, place);
    for (const { first_n, lines } of chunks)
      for (const [index, tuple] of lines.entries()) {
        const n = first_n + index;
        if (n >= first && n < first + count) found.set(n, tuple);
      }
    const last = chunks.at(-1);
    if (last === undefined || chunks.length < CHUNKS_READ) break;
    place = last.first_n + last.lines.length;
  }
  return found;
}

/** Rows of lines in their order, from the one on that holds the number `from`. */
async function chunksFrom(db: Querier, workspaceId: number, taskId: string, from: number): Promise<Chunk[]> {
  const { rows } = await db.query<Chunk>(
    `select first_n, lines from task_lines
       where workspace_id = $1 and task_id = $2 and first_n >= coalesce(
         (select first_n from task_lines
            where workspace_id = $1 and task_id = $2 and first_n <= $3 order by first_n desc limit 1), 0)
       order by first_n limit $4`,
    [workspaceId, taskId, from, CHUNKS_READ],
  );
  return rows;
}
