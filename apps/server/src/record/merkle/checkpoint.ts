/** The text of a checkpoint (C2SP tlog-checkpoint): origin, size, root, and extension lines if any. */
import { NoteError, type NoteSigner, parseNote, type SignedNote, signNote } from "./note.ts";
import { HASH_BYTES } from "./tree.ts";

export interface Checkpoint {
  /** Names the log: `daybook/<installation>/<workspace>`. */
  origin: string;
  size: number;
  /** 32 bytes. */
  root: Buffer;
  /** Lines after the root; ours has none. */
  extensions: string[];
}

/** A checkpoint signed by each of the keys, as a note. */
export function signCheckpoint({ origin, size, root, extensions }: Checkpoint, signers: readonly NoteSigner[]): string {
  const lines = [origin, `${size}`, root.toString("base64"), ...extensions];
  if (lines.some((line) => line === "" || line.includes("\n"))) throw new NoteError("A line of a checkpoint is empty.");
  return signNote(`${lines.join("\n")}\n`, signers);
}

/** @throws NoteError when the note is not a checkpoint. The signatures are not looked at: see verifyNote. */
export function parseCheckpoint(text: string): Checkpoint & { note: SignedNote } {
  const note = parseNote(text);
  const [origin = "", size = "", root = "", ...extensions] = note.text.slice(0, -1).split("\n");
  const hash = Buffer.from(root, "base64");
  if (origin === "" || extensions.includes("")) throw new NoteError("A checkpoint has no empty lines.");
  if (!/^(0|[1-9]\d{0,15})$/.test(size) || !Number.isSafeInteger(Number(size))) {
    throw new NoteError("The second line of a checkpoint is the number of leaves.");
  }
  if (hash.length !== HASH_BYTES || hash.toString("base64") !== root) {
    throw new NoteError("The third line of a checkpoint is the root hash in base64.");
  }
  return { origin, size: Number(size), root: hash, extensions, note };
}
