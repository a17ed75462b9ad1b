/** Private keys of notes as one line of text, as golang.org/x/mod/sumdb/note writes them. */
import { NoteError, type NoteVerifier, noteSigner } from "./note.ts";

/** `PRIVATE+KEY+name+key id+base64(0x01 || seed)`. */
export function formatSignerKey(verifier: NoteVerifier, seed: Uint8Array): string {
  const key = Buffer.concat([Buffer.of(1), seed]);
  return `PRIVATE+KEY+${verifier.name}+${verifier.keyId}+${key.toString("base64")}`;
}

/** @throws NoteError without telling the key. */
export function parseSignerKey(line: string): { name: string; seed: Buffer } {
  const match = /^PRIVATE\+KEY\+([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(line.trim());
  const [, name = "", keyId = "", encoded = ""] = match ?? [];
  const key = Buffer.from(encoded, "base64");
  if (key.length !== 33 || key[0] !== 1) throw new NoteError("The private key of the log is damaged.");
  const seed = key.subarray(1);
  if (noteSigner(name, seed).keyId !== keyId) throw new NoteError("The private key of the log does not fit its id.");
  return { name, seed };
}
