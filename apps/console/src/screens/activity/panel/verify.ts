import type { InclusionProof, LogKey } from "@daybook/contract";
import type { ProvenEvent } from "../../../api/events.ts";
import { readCheckpoint, signerOf } from "../../../lib/checkpoint.ts";
import { leafHashOf } from "../../../lib/leaf.ts";
import { bytesOfHex, canHash, rootFromPath, sameBytes } from "../../../lib/merkle.ts";

/** What checking a proof in the browser came to. */
export type Verdict =
  /** `signer` is the name that the checkpoint is signed with, if it could be checked. */
  | { state: "verified"; signer?: string }
  | { state: "wrong"; why: string }
  /** Plain http away from localhost: browsers give no hash functions there. */
  | { state: "insecure" };

/** Checks the proof of an event.
 *  1. What is shown of the event hashes to its leaf.
 *  2. The leaf, by the path of the proof, leads to a root.
 *  3. That root is the one of the checkpoint.
 *  4. A key of the log has signed the checkpoint; left out when the keys could not be read. */
export async function verify(
  event: ProvenEvent,
  proof: InclusionProof,
  keys: readonly LogKey[] | undefined,
): Promise<Verdict> {
  if (!canHash()) return { state: "insecure" };
  if (proof.seq !== event.seq || proof.leafIndex !== event.seq - 1) return wrong("The proof is about another event.");
  const { salts, workspace } = proof;
  if (salts && workspace && (await leafHashOf(event, salts, workspace)) !== proof.leafHash)
    return wrong("The event is not what was recorded: its hash differs from the one in the log.");
  const root = await rootFromPath(bytesOfHex(proof.leafHash), proof.leafIndex, proof.size, proof.proof.map(bytesOfHex));
  if (!root || !sameBytes(root, bytesOfHex(proof.root)))
    return wrong("The path from this event does not lead to the root of the log.");
  if (proof.checkpoint === undefined) return { state: "verified" };
  const checkpoint = readCheckpoint(proof.checkpoint);
  if (!checkpoint || checkpoint.size !== proof.size || !sameBytes(checkpoint.root, root))
    return wrong("The signed checkpoint names another root.");
  const signer = keys ? await signerOf(checkpoint, keys) : "unknown";
  if (signer === null) return wrong("No key of this log has signed the checkpoint.");
  return signer === "unknown" ? { state: "verified" } : { state: "verified", signer: signer.name };
}

function wrong(why: string): Verdict {
  return { state: "wrong", why };
}
