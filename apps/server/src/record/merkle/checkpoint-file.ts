/**
 * The checkpoints that were given out, in an append-only text file outside the database: whoever changes the log in the
 * database cannot change what this file says about it. Notes stand one after the other, an empty line after each.
 */
import { createReadStream } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Holds many checkpoints of ours, each some 300 bytes. */
const TAIL_BYTES = 16_384;

/** Stands after half a note that a crash has left, so that it is not taken for a whole one. */
const TORN = "\n(incomplete)\n\n";

/** Where the checkpoints of a workspace are written down. */
export function checkpointFile(dataDirectory: string, workspace: string): string {
  return join(dataDirectory, "log", `checkpoints-${workspace}.txt`);
}

/** Adds a note; resolves when it is on disk. */
export async function appendToCheckpointFile(file: string, note: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, "a+", 0o600);
  try {
    const { size } = await handle.stat();
    const end = Buffer.alloc(2);
    if (size > 0) await handle.read(end, 0, 2, Math.max(0, size - 2));
    await handle.appendFile(size === 0 || end.toString() === "\n\n" ? `${note}\n` : `${TORN}${note}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The last note of the file; undefined when there is none. */
export async function lastInCheckpointFile(file: string): Promise<string | undefined> {
  const handle = await open(file, "r").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (handle === undefined) return undefined;
  try {
    const { size } = await handle.stat();
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
    await handle.read(tail, 0, tail.length, size - tail.length);
    const notes = splitNotes(tail.toString("utf8"));
    return notes.at(-1);
  } finally {
    await handle.close();
  }
}

/** The notes of the file, oldest first; none when there is no file. What is no note comes as it stands. */
export async function* readCheckpointFile(file: string): AsyncGenerator<string> {
  let text = "";
  try {
    for await (const chunk of createReadStream(file, "utf8")) {
      text += chunk;
      const end = endOfNotes(text);
      yield* splitNotes(text.slice(0, end));
      text = text.slice(end);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  // A crash in the middle of a write leaves half a note at the end: it was never given out.
}

/** Where the last whole note ends: after a signature line and the empty line that follows it. */
function endOfNotes(text: string): number {
  let end = text.lastIndexOf("\n\n");
  while (end >= 0 && !text.slice(text.lastIndexOf("\n", end - 1) + 1, end).startsWith("— "))
    end = text.lastIndexOf("\n\n", end - 1);
  return end < 0 ? 0 : end + 2;
}

/** Cuts the text after each signature line that an empty line follows; of each piece the text and the signatures count. */
function splitNotes(text: string): string[] {
  return text
    .slice(0, endOfNotes(text))
    .split(/(?<=\n— [^\n]*\n)\n/)
    .filter((piece) => piece !== "")
    .map((piece) => piece.split("\n\n").slice(-2).join("\n\n"));
}
