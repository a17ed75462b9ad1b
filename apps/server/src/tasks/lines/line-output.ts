import type { Pool } from "pg";
import { maskText } from "../../record/personal.ts";
import { readLines } from "./line-pages.ts";
import { overColours, plainText } from "./line-text.ts";

/** Lines of one piece of the answer. */
const PIECE_LINES = 5_000;

export interface OutputOptions {
  /** Leave colours in: for `cat` and `less -R`. */
  keepColours: boolean;
  /** Time and stream before each line. */
  timestamps: boolean;
  /** Show e-mail addresses and IP addresses. */
  personal: boolean;
}

/** The output of a task as a text, in pieces; each is read when the one before was taken. `total`: its lines now; later ones are not in it. */
export async function* outputText(
  db: Pool,
  task: { workspaceId: number; id: string; total: number },
  { keepColours, timestamps, personal }: OutputOptions,
): AsyncGenerator<string> {
  const { workspaceId, id, total } = task;
  let place = 0;
  while (place < total) {
    const lines = await readLines(db, workspaceId, id, place, Math.min(PIECE_LINES, total - place));
    const last = lines.at(-1);
    if (last === undefined) return;
    let piece = "";
    for (const { n, at, stream, text } of lines) {
      if (n >= total) break;
      // More may have been folded since, so the gap itself decides where it is said.
      if (n > place) piece += `… ${(n - place).toLocaleString("en")} lines are no longer kept …\n`;
      place = n + 1;
      const shown = personal ? text : overColours(text, maskText);
      piece += `${timestamps ? `${at} ${stream} ` : ""}${keepColours ? shown : plainText(shown)}\n`;
    }
    if (piece === "") return;
    yield piece;
    if (last.n >= total) return;
  }
}
