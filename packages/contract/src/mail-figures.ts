import { z } from "zod";
import { mailClasses, mailProviders, suppressionReasons } from "./mail-terms.ts";

const time = z.string().describe("RFC 3339, UTC, milliseconds");

const rates = z.object({
  queued: z.number().int().describe("All that were queued or reported in the time, whatever became of them."),
  sent: z.number().int(),
  delivered: z.number().int(),
  failed: z.number().int(),
  bounced: z.number().int(),
  complained: z.number().int(),
  suppressed: z.number().int(),
});

/** Of the mails of a range of time, what became of them until now (`GET /mail/stats`). */
export const mailStatsSchema = z.object({
  bucketMs: z.number().int(),
  buckets: z.array(rates.extend({ start: time })),
  templates: z.array(rates.extend({ template: z.string() })),
  domains: z.array(rates.extend({ domain: z.string() })),
  total: rates,
  now: z.object({ waiting: z.number().int(), oldestWaitingAt: time.optional() }),
});

export const suppressionSchema = z.object({
  address: z.string(),
  reason: z.enum(suppressionReasons),
  at: time,
  by: z.string().optional(),
  note: z.string().optional(),
  messageId: z.string().optional().describe("The mail that caused it."),
});
export const newSuppressionSchema = z.strictObject({
  reason: z.enum(suppressionReasons).default("manual"),
  note: z.string().trim().max(500).optional(),
});

/** Everything about one address: why did it not get the mail? (`GET /mail/addresses/:address`) */
export const mailAddressPageSchema = z.object({
  address: z.string(),
  suppression: suppressionSchema.optional(),
  totals: rates,
  firstAt: time.optional(),
  lastAt: time.optional(),
  lastDeliveredAt: time.optional(),
  answer: z.string().describe("In one sentence: why the last mail came through or did not."),
  domain: z.object({
    domain: z.string(),
    days: z.number().int(),
    totals: rates,
    classes: z.array(z.object({ class: z.enum(mailClasses), count: z.number().int() })),
  }),
});

export const mailProviderSettingsSchema = z.strictObject({
  secret: z.string().min(8).max(2_000).describe("What the provider signs with, or its public key; never shown again."),
});
export const mailProviderSchema = z.object({
  provider: z.enum(mailProviders),
  set: z.boolean(),
  url: z.string().describe("The address to enter at the provider."),
  lastAt: time.optional(),
  lastFault: z.string().optional(),
});

export type MailStats = z.infer<typeof mailStatsSchema>;
export type MailRates = z.infer<typeof rates>;
export type Suppression = z.infer<typeof suppressionSchema>;
export type MailAddressPage = z.infer<typeof mailAddressPageSchema>;
export type MailProviderState = z.infer<typeof mailProviderSchema>;
