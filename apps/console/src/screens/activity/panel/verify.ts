import type { InclusionProof } from "../../../api/events.ts";
import { bytesOfHex, canHash, readCheckpoint, rootFromPath, sameBytes } from "../../../lib/merkle.ts";

/** What checking a proof in the browser came to. */
export type Verdict =
  | { state: "verified"; signers: string[] }
  | { state: "wrong"; why: string }
  /** Plain http away from localhost: browsers give no hash functions there. */
  | { state: "insecure" };

/** Checks that the event's leaf, by the path of the proof, leads to the root that the checkpoint has signed. */
export async function verify(proof: InclusionProof): Promise<Verdict> {
  if (!canHash()) return { state: "insecure" };
  if (proof.leafIndex !== proof.seq - 1) return { state: "wrong", why: "The proof is about another event." };
  const root = await rootFromPath(bytesOfHex(proof.leafHash), proof.leafIndex, proof.size, proof.proof.map(bytesOfHex));
  if (!root || !sameBytes(root, bytesOfHex(proof.root)))
    return { state: "wrong", why: "The path from this event does not lead to the root of the log." };
  if (proof.checkpoint === undefined) return { state: "verified", signers: [] };
  const checkpoint = readCheckpoint(proof.checkpoint);
  if (!checkpoint || checkpoint.size !== proof.size || !sameBytes(checkpoint.root, root))
    return { state: "wrong", why: "The signed checkpoint names another root." };
  return { state: "verified", signers: checkpoint.signers };
}
