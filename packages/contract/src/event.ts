import { z } from "zod";
import { actorTypes, authMethods, kinds, outcomes, severities } from "./event-terms.ts";
import { limits } from "./limits.ts";

export * from "./event-terms.ts";

/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const text = z.string().max(limits.stringLengthMax);
const name = text.min(1);

/** Who acted. `id` is the panel's own id; names are snapshots that stay when the user is deleted. */
export const actorSchema = z.strictObject({
  type: z.enum(actorTypes),
  id: name.optional(),
  name: text.optional(),
  email: text.optional(),
});

/** What was acted on; the first of an event is the main one. */
export const targetSchema = z.strictObject({
  type: name.max(100),
  id: name,
  name: text.optional(),
  ownerId: text.optional(),
});

/** One changed field, old and new; a secret one is only `changed`. */
export const changeSchema = z.strictObject({
  field: name,
  old: z.json().optional(),
  new: z.json().optional(),
  changed: z.literal(true).optional(),
});

/** Where the act came from. An `ip` of null says that it is unknown; left out, the sender's address is taken. */
export const originInputSchema = z.strictObject({
  ip: z.union([z.string().max(64), z.null()]).optional(),
  userAgent: z.string().max(8192).optional(),
  sessionId: text.optional(),
  requestId: text.optional(),
  auth: z.enum(authMethods).optional(),
});

/** An event as a client sends it (`POST /api/v1/events`). */
export const eventInputSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/)
    .optional()
    .describe("A UUID, best a UUIDv7; makes the write idempotent."),
  occurredAt: z
    .string()
    .regex(/^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:?\d\d)$/)
    .optional()
    .describe("RFC 3339; left out, it is taken from a UUIDv7 id, else the time of receipt."),
  action: z
    .string()
    .max(limits.actionLengthMax)
    .regex(/^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/)
    .describe("category.verb in lower case, e.g. server.suspended."),
  actor: actorSchema.optional().describe("Left out, it is the API key that writes."),
  onBehalfOf: actorSchema.optional(),
  targets: z.array(targetSchema).max(limits.targetsMax).optional(),
  project: name.optional(),
  origin: originInputSchema.optional(),
  outcome: z.enum(outcomes).optional(),
  reason: text.optional(),
  changes: z.array(changeSchema).max(limits.changesMax).optional(),
  details: z.json().optional(),
});

export type Actor = z.infer<typeof actorSchema>;
export type Target = z.infer<typeof targetSchema>;
export interface Change {
  field: string;
  old?: Json | undefined;
  new?: Json | undefined;
  changed?: true | undefined;
}
export type EventInput = Omit<z.infer<typeof eventInputSchema>, "details" | "changes"> & {
  details?: Json | undefined;
  changes?: Change[] | undefined;
};

export const originSchema = z.object({
  ip: z.string().optional(),
  userAgent: z.string().optional(),
  sessionId: z.string().optional(),
  requestId: z.string().optional(),
  auth: z.enum(authMethods).optional(),
  country: z.string().optional().describe("ISO 3166-1 alpha-2"),
  asn: z.number().int().optional(),
  network: z.string().optional().describe("The name of the autonomous system"),
  browser: z.string().optional(),
  os: z.string().optional(),
});

/** An event as it is read. Absent things are left out, never null. */
export const eventSchema = z.object({
  seq: z.number().int().describe("Place in the workspace's log: 1, 2, 3… without a gap."),
  id: z.string(),
  occurredAt: z.string(),
  recordedAt: z.string(),
  action: z.string(),
  category: z.string(),
  kind: z.enum(kinds),
  severity: z.enum(severities),
  summary: z.string(),
  actor: actorSchema,
  onBehalfOf: actorSchema.optional(),
  targets: z.array(targetSchema),
  project: z.string().optional(),
  origin: originSchema,
  outcome: z.enum(outcomes),
  reason: z.string().optional(),
  changes: z.array(changeSchema).optional(),
  details: z.json().optional(),
  leafHash: z.string().optional().describe("SHA-256 of the leaf, hex. Given by GET /events/:id and exports."),
});

export type Origin = z.infer<typeof originSchema>;
export type Event = Omit<z.infer<typeof eventSchema>, "details" | "changes"> & {
  details?: Json | undefined;
  changes?: Change[] | undefined;
};
