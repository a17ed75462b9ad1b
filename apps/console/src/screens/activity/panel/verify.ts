import type { InclusionProof, LogKey } from "@daybook/contract";
import { readCheckpoint, signerOf } from "../../../lib/checkpoint.ts";
import { bytesOfHex, canHash, rootFromPath, sameBytes } from "../../../lib/merkle.ts";

/** What checking a proof in the browser came to. */
export type Verdict =
  /** `signer` is the name that the checkpoint is signed with, if it could be checked. */
  | { state: "verified"; signer?: string }
  | { state: "wrong"; why: string }
  /** Plain http away from localhost: browsers give no hash functions there. */
  | { state: "insecure" };

/** Checks a proof.
 *  1. The event's leaf, by the path of the proof, leads to a root.
 *  2. That root is the one of the checkpoint.
 *  3. A key of the log has signed the checkpoint. */
export async function verify(seq: number, proof: InclusionProof, keys: readonly LogKey[]): Promise<Verdict> {
  if (!canHash()) return { state: "insecure" };
  if (proof.seq !== seq || proof.leafIndex !== seq - 1) return wrong("The proof is about another event.");
  const root = await rootFromPath(bytesOfHex(proof.leafHash), proof.leafIndex, proof.size, proof.proof.map(bytesOfHex));
  if (!root || !sameBytes(root, bytesOfHex(proof.root)))
    return wrong("The path from this event does not lead to the root of the log.");
  if (proof.checkpoint === undefined) return { state: "verified" };
  const checkpoint = readCheckpoint(proof.checkpoint);
  if (!checkpoint || checkpoint.size !== proof.size || !sameBytes(checkpoint.root, root))
    return wrong("The signed checkpoint names another root.");
  const signer = await signerOf(checkpoint, keys);
  if (signer === null) return wrong("No key of this log has signed the checkpoint.");
  return signer === "unknown" ? { state: "verified" } : { state: "verified", signer: signer.name };
}

function wrong(why: string): Verdict {
  return { state: "wrong", why };
}
