import type { LogKey } from "@daybook/contract";
import { type Bytes, bytesOfBase64, hexOf } from "./merkle.ts";

/** What a checkpoint says (C2SP tlog-checkpoint): the log's name, its size and its root, and who signed. */
export interface Checkpoint {
  origin: string;
  size: number;
  root: Bytes;
  /** What was signed, with its last newline. */
  text: string;
  signatures: { name: string; keyId: string; signature: Bytes }[];
}

const KEY_ID_BYTES = 4;

/** Reads a signed note; null if it is no checkpoint. The signatures are not checked here. */
export function readCheckpoint(note: string): Checkpoint | null {
  const border = note.lastIndexOf("\n\n");
  const text = note.slice(0, border + 1);
  const [origin, size, root] = text.split("\n");
  if (border < 0 || !origin || !size || !root || !/^\d+$/.test(size)) return null;
  const signatures = [...note.slice(border + 2).matchAll(/^— (\S+) ([A-Za-z0-9+/]+={0,2})$/gm)].map((found) => {
    const blob = bytesOfBase64(found[2] ?? "");
    return {
      name: found[1] ?? "",
      keyId: hexOf(blob.subarray(0, KEY_ID_BYTES)),
      signature: blob.subarray(KEY_ID_BYTES),
    };
  });
  return { origin, size: Number(size), root: bytesOfBase64(root), text, signatures };
}

/** Which of the log's keys has signed; null if none has, or a signature is wrong; "unknown" where the browser has no Ed25519. */
export async function signerOf(checkpoint: Checkpoint, keys: readonly LogKey[]): Promise<LogKey | null | "unknown"> {
  const text = new TextEncoder().encode(checkpoint.text);
  for (const { name, keyId, signature } of checkpoint.signatures) {
    const key = keys.find((each) => each.name === name && each.keyId === keyId);
    if (!key) continue;
    try {
      const publicKey = await crypto.subtle.importKey("raw", bytesOfBase64(key.publicKey), "Ed25519", false, [
        "verify",
      ]);
      return (await crypto.subtle.verify("Ed25519", publicKey, signature, text)) ? key : null;
    } catch {
      return "unknown";
    }
  }
  return null;
}
