import { z } from "zod";
import { mailClasses } from "./mail-terms.ts";

const time = z.string().describe("RFC 3339, UTC, milliseconds");
const hostName = z
  .string()
  .trim()
  .min(1)
  .max(255)
  .regex(/^[a-zA-Z0-9.:_-]+$/, "is not a host name or an address");

/** How mails leave (`PUT /mail/transports/:name`). Several are tried in their order. */
export const transportSettingsSchema = z.strictObject({
  host: hostName,
  port: z.number().int().min(1).max(65_535).default(587),
  security: z
    .enum(["starttls", "tls", "none"])
    .default("starttls")
    .describe(
      "starttls: refused without it; tls: from the first byte, mostly port 465; none: only on a network of your own.",
    ),
  user: z.string().max(300).optional(),
  password: z.string().max(1_000).optional().describe("Never shown again. Left out, the one that is kept stays."),
  position: z.number().int().min(1).max(100).default(1).describe("The lowest is tried first."),
  enabled: z.boolean().default(true),
  connections: z.number().int().min(1).max(50).default(5),
  perSecond: z.number().min(0.01).max(10_000).optional().describe("Mails a second at most."),
  perDomainPerMinute: z.number().int().min(1).max(100_000).optional().describe("Mails a minute to one domain at most."),
  allowSelfSigned: z.boolean().default(false).describe("Accept a certificate that nobody vouches for."),
  clientName: hostName.optional().describe("The name said in EHLO; left out, this machine's."),
  dkim: z
    .strictObject({
      domain: hostName,
      selector: z
        .string()
        .max(63)
        .regex(/^[a-zA-Z0-9_-]+(\.[a-zA-Z0-9_-]+)*$/),
      privateKey: z
        .string()
        .max(10_000)
        .optional()
        .describe("PEM, RSA. Never shown again. Left out, the one that is kept stays."),
    })
    .nullable()
    .optional()
    .describe("Sign mails (RFC 6376). Null: no more."),
});

export const transportSchema = transportSettingsSchema.omit({ password: true, dkim: true }).extend({
  name: z.string(),
  source: z.enum(["api", "config"]),
  passwordSet: z.boolean(),
  dkim: z
    .object({ domain: z.string(), selector: z.string(), record: z.string().describe("What to publish as TXT.") })
    .optional(),
  state: z.enum(["new", "up", "failing"]),
  lastSentAt: time.optional(),
  lastFaultAt: time.optional(),
  lastClass: z.enum(mailClasses).optional(),
  lastFault: z.string().optional(),
});

/** `POST /mail/transports/:name/test-messages`. */
export const transportTestSchema = z.strictObject({
  to: z.string().max(254).optional().describe("Left out, whoever asks."),
});

/** How a test went, word for word; passwords are left out. */
export const transportTestResultSchema = z.object({
  ok: z.boolean(),
  class: z.enum(mailClasses).optional(),
  what: z.string().describe("What happened, in a sentence, and what to do."),
  code: z.number().int().optional(),
  line: z.string().optional(),
  conversation: z.array(
    z.object({ from: z.enum(["client", "server", "note"]), text: z.string(), ms: z.number().int() }),
  ),
  durationMs: z.number().int(),
});

/** SPF, DKIM and DMARC of a sender's domain (`GET /mail/domains/:domain`). */
export const domainCheckSchema = z.object({
  domain: z.string(),
  checks: z.array(
    z.object({
      kind: z.enum(["mx", "spf", "dkim", "dmarc"]),
      ok: z.boolean(),
      name: z.string().describe("Where the record belongs."),
      found: z.array(z.string()),
      what: z.string().describe("In a sentence."),
      publish: z.string().optional().describe("The record to publish."),
    }),
  ),
});

export type TransportSettings = z.infer<typeof transportSettingsSchema>;
export type Transport = z.infer<typeof transportSchema>;
export type TransportTestResult = z.infer<typeof transportTestResultSchema>;
export type DomainCheck = z.infer<typeof domainCheckSchema>;
