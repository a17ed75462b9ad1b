import { z } from "zod";

const hash = z.string().describe("SHA-256 in lower-case hex.");
const path = z.array(hash).describe("Lowest first.");
const checkpoint = z.string().describe("The checkpoint of that size: a signed note (C2SP tlog-checkpoint).");

/** That an event is in the log: RFC 9162 section 2.1.3. */
export const inclusionProofSchema = z.object({
  seq: z.number().int(),
  leafIndex: z.number().int().describe("seq - 1: the place in the tree."),
  leafHash: hash,
  size: z.number().int().describe("Events of the log that the proof is about."),
  root: hash,
  proof: path,
  checkpoint: checkpoint.optional(),
  workspace: z.string().optional().describe("Part of every leaf."),
  salts: z.string().optional().describe("Of the commitments in the leaf, hex: with them anybody can compute it."),
});

/** That a log extends an earlier one: RFC 9162 section 2.1.4. */
export const consistencyProofSchema = z.object({
  from: z.number().int(),
  to: z.number().int(),
  fromRoot: hash,
  toRoot: hash,
  proof: path,
});

/** A public key that signs, or signed, the checkpoints of a log. */
export const logKeySchema = z.object({
  verifierKey: z.string().describe("name+key id+base64, as tools for C2SP signed notes take it."),
  name: z.string().describe("The name it signs under: the origin of the log."),
  keyId: z.string(),
  publicKey: z.string().describe("Ed25519, base64."),
  since: z.string().optional(),
  current: z.boolean().describe("Whether it signs now. Earlier keys stay listed for earlier checkpoints."),
});

export type InclusionProof = z.infer<typeof inclusionProofSchema>;
export type ConsistencyProof = z.infer<typeof consistencyProofSchema>;
export type LogKey = z.infer<typeof logKeySchema>;
