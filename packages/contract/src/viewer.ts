import { z } from "zod";
import { actorTypes, changeSchema, outcomes } from "./event.ts";
import { taskStatuses } from "./task-terms.ts";

/** Fields that a viewer token can hide from its holder. */
export const hideableFields = [
  "actor",
  "changes",
  "details",
  "reason",
  "ip",
  "country",
  "network",
  "browser",
  "os",
] as const;
export type HideableField = (typeof hideableFields)[number];

export const viewerLimits = {
  /** A day: a page that stays open longer asks its panel for a new token. */
  minutesMax: 24 * 60,
  /** Servers of one customer; more are better named by their owner. */
  targetsMax: 200,
} as const;

const id = z.string().min(1).max(512);

/** Which events a viewer token shows: those that fit any of its parts, and the holder's own sign-ins. */
export const viewerScopeSchema = z
  .strictObject({
    targets: z
      .array(z.strictObject({ type: z.string().min(1).max(100), id }))
      .min(1)
      .max(viewerLimits.targetsMax)
      .optional()
      .describe("What happened to these, whether they are the main target or another."),
    ownerId: id.optional().describe("What happened to targets with this ownerId, and to the user with this id."),
    project: id.optional().describe("What happened in this project."),
    actor: z
      .strictObject({ type: z.enum(["user", "api_key"]), id })
      .optional()
      .describe("What this user or key did: for a subuser."),
  })
  .refine((scope) => Object.values(scope).some((part) => part !== undefined), {
    message: "names nothing: give targets, ownerId, project or actor",
  });

export const createViewerTokenSchema = z.strictObject({
  scope: viewerScopeSchema,
  hiddenFields: z.array(z.enum(hideableFields)).max(hideableFields.length).default([]),
  minutes: z.number().int().min(1).max(viewerLimits.minutesMax).describe("How long the token lives."),
  staffAs: z
    .string()
    .trim()
    .min(1)
    .max(50)
    .nullable()
    .optional()
    .describe(
      "The name under which staff appear; null: what they did appears as done by the system. Left out, the workspace's setting staffAs decides.",
    ),
});

/** The reply that carries the token: the only time it is shown. */
export const mintedViewerTokenSchema = z.object({
  id: z.string().describe("To end it early: DELETE /api/v1/viewer-tokens/:id."),
  token: z.string().describe("dbv_…, for the customer's browser."),
  expiresAt: z.string(),
});

/** An event as a customer sees it. Absent things are left out, never null. */
export const viewerEventSchema = z.object({
  id: z.string(),
  occurredAt: z.string(),
  action: z.string(),
  category: z.string(),
  outcome: z.enum(outcomes),
  summary: z.string().describe("What happened, in a sentence that names only what the customer may see."),
  own: z.boolean().describe("The holder of the token did it."),
  actor: z
    .object({
      type: z.enum(actorTypes),
      id: z.string().optional().describe("Only of the holder."),
      name: z.string().optional(),
    })
    .optional(),
  targets: z.array(z.object({ type: z.string(), id: z.string(), name: z.string().optional() })),
  reason: z.string().optional().describe("Why it failed; only of the holder's own acts."),
  changes: z.array(changeSchema).optional(),
  details: z.record(z.string(), z.json()).optional().describe("Those members that are meant for customers."),
  ip: z.string().optional().describe("This and what follows: only of the holder's own acts."),
  country: z.string().optional(),
  network: z.string().optional(),
  browser: z.string().optional(),
  os: z.string().optional(),
});

/** A task as a customer sees it. Absent things are left out, never null. */
export const viewerTaskSchema = z.object({
  id: z.string(),
  type: z.string(),
  title: z.string(),
  status: z.enum(taskStatuses),
  progress: z.number().int().describe("Percent."),
  queuedAt: z.string(),
  startedAt: z.string().optional(),
  finishedAt: z.string().optional(),
  durationMs: z.number().int().optional(),
  error: z.string().optional().describe("Why it failed, in words."),
});

/** What customers are told became of a mail. */
export const viewerMailStatuses = ["waiting", "sent", "delivered", "undelivered"] as const;

/** A mail as a customer sees it. Absent things are left out, never null. */
export const viewerMailSchema = z.object({
  id: z.string(),
  at: z.string().describe("When it was sent, or came to wait."),
  subject: z.string(),
  status: z.enum(viewerMailStatuses),
  kind: z.string().optional().describe("What kind of mail, in words."),
  to: z.string().optional().describe("The address it went to; only of the customer's own mails."),
});

/** Fields that a customer's events are counted by. */
export const viewerFacets = ["action", "category", "outcome", "actor", "target"] as const;
export type ViewerFacet = (typeof viewerFacets)[number];

/** What the holder of a viewer token is told of it. */
export const viewerMeSchema = z.object({
  expiresAt: z.string(),
  scope: viewerScopeSchema,
  hiddenFields: z.array(z.enum(hideableFields)),
  queryKeys: z.array(z.string()).describe("The keys of the query language that can be used."),
  workspace: z.object({ name: z.string() }),
});

export type ViewerScope = z.infer<typeof viewerScopeSchema>;
export type CreateViewerToken = z.infer<typeof createViewerTokenSchema>;
export type MintedViewerToken = z.infer<typeof mintedViewerTokenSchema>;
export type ViewerTask = z.infer<typeof viewerTaskSchema>;
export type ViewerMail = z.infer<typeof viewerMailSchema>;
export type ViewerEvent = z.infer<typeof viewerEventSchema>;
export type ViewerMe = z.infer<typeof viewerMeSchema>;
