import { z } from "zod";
import { actorSchema, targetSchema } from "./event.ts";
import { limits } from "./limits.ts";
import {
  mailClasses,
  mailDeliveries,
  mailHappenings,
  mailLimits,
  mailPriorities,
  mailStatuses,
  suppressionReasons,
} from "./mail-terms.ts";
import { taskUserSchema } from "./tasks.ts";

export * from "./mail-figures.ts";
export * from "./mail-templates.ts";
export * from "./mail-terms.ts";
export * from "./mail-transports.ts";

const time = z.string().describe("RFC 3339, UTC, milliseconds");
const inTime = z.iso.datetime({ offset: true });
const name = z.string().min(1).max(limits.stringLengthMax);

/** An address, `dana@acme.example` or `{ address, name }`. No line breaks anywhere: they could add headers (RFC 5322, 2.2). */
export const mailAddress = z
  .string()
  .trim()
  .max(mailLimits.addressLengthMax)
  .regex(/^[^\s@<>(),;:"\\[\]\p{Cc}]+@[^\s@<>(),;:"\\[\]\p{Cc}]+$/u, "is not a mail address such as dana@acme.example");
const personName = z
  .string()
  .trim()
  .max(200)
  .regex(/^\P{Cc}*$/u, "holds a line break or another control character");
export const mailPartySchema = z.strictObject({ address: mailAddress, name: personName.optional() });
const party = z.union([mailAddress.transform((address) => ({ address })), mailPartySchema]);

const subject = z
  .string()
  .trim()
  .min(1)
  .max(mailLimits.subjectLengthMax)
  .regex(/^\P{Cc}*$/u, "holds a line break or another control character");

export const mailAttachmentSchema = z.strictObject({
  filename: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[^\p{Cc}/\\]+$/u, "is not the name of a file"),
  contentType: z
    .string()
    .max(200)
    .regex(/^[\w.+-]+\/[\w.+-]+$/, "is not a media type such as application/pdf")
    .default("application/octet-stream"),
  content: z.base64().describe("Base64."),
  contentId: z
    .string()
    .max(200)
    .regex(/^[\w.@+-]+$/)
    .optional()
    .describe("For pictures that the HTML shows: <img src=cid:…>."),
});

/** A mail to be sent (`POST /mail/messages`): by template and data, or as it is (`subject` with `html` or `text`). */
export const newMailSchema = z
  .strictObject({
    template: z.string().max(mailLimits.templateNameLengthMax).optional(),
    data: z.record(z.string(), z.json()).optional().describe("What the template's tokens stand for."),
    locale: z
      .string()
      .max(mailLimits.localeLengthMax)
      .optional()
      .describe("E.g. de or pt-BR; falls back to de, then en."),
    subject: subject.optional(),
    html: z.string().max(mailLimits.htmlBytesMax).optional(),
    text: z.string().max(mailLimits.textBytesMax).optional(),
    to: party,
    from: party.optional().describe("Left out, the workspace's sender."),
    replyTo: party.optional(),
    user: taskUserSchema.optional().describe("The customer for whom it is."),
    targets: z.array(targetSchema).max(limits.targetsMax).optional().describe("What it is about, e.g. the server."),
    project: name.optional(),
    actor: actorSchema.optional().describe("Who caused it; left out, whoever makes the call."),
    priority: z.enum(mailPriorities).default("normal"),
    sendAt: inTime.optional().describe(`Not before this time, at most ${mailLimits.sendAheadDaysMax} days ahead.`),
    key: name
      .optional()
      .describe(
        "Makes the call idempotent: the same key again answers with the message that is there. Also as header Idempotency-Key.",
      ),
    headers: z
      .record(
        z.string().regex(/^X-[A-Za-z0-9-]{1,70}$/, "must begin with X-"),
        z
          .string()
          .max(mailLimits.headerLengthMax)
          .regex(/^\P{Cc}*$/u, "holds a line break or another control character"),
      )
      .refine(
        (headers) => Object.keys(headers).length <= mailLimits.headersMax,
        `has more than ${mailLimits.headersMax} headers`,
      )
      .optional(),
    attachments: z.array(mailAttachmentSchema).max(mailLimits.attachmentsMax).optional(),
    unsubscribeUrl: z
      .url({ protocol: /^https?$/ })
      .max(1_000)
      .optional()
      .describe("List-Unsubscribe (RFC 2369), one click (RFC 8058) if https."),
    secrets: z
      .array(z.string().min(4).max(2_000))
      .max(50)
      .optional()
      .describe("Texts that must not be readable afterwards: one-time links and codes of a mail without a template."),
    delivery: z
      .enum(["daybook", "external"])
      .default("daybook")
      .describe("external: the panel sends it itself and only reports it."),
    status: z.enum(["queued", "sent", "failed"]).optional().describe("Of an external one; left out, sent."),
    messageId: z
      .string()
      .max(400)
      .optional()
      .describe("Of an external one: its Message-ID, by which a provider's reports find it."),
    sentAt: inTime.optional().describe("Of an external one."),
    answer: z.string().max(2_000).optional().describe("Of an external one: what the mail server said."),
  })
  .superRefine((mail, context) => {
    const say = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
    if (mail.template === undefined && mail.delivery === "daybook") {
      if (mail.subject === undefined) say("subject", "is needed where no template is named");
      if (mail.html === undefined && mail.text === undefined)
        say("html", "or text is needed where no template is named");
    }
    if (mail.template !== undefined && mail.delivery === "daybook")
      for (const part of ["subject", "html", "text"] as const)
        if (mail[part] !== undefined) say(part, "comes from the template");
    if (mail.delivery === "external" && mail.subject === undefined && mail.template === undefined)
      say("subject", "or template is needed");
    if (mail.delivery === "daybook")
      for (const part of ["status", "messageId", "sentAt", "answer"] as const)
        if (mail[part] !== undefined) say(part, "is only for external mail");
  });

/** What a panel says later of a mail that it sent itself (`PATCH /mail/messages/:id`). */
export const mailReportSchema = z.strictObject({
  status: z.enum(["sent", "failed", "bounced", "delivered", "complained"]),
  at: inTime.optional(),
  class: z.enum(mailClasses).optional(),
  answer: z.string().max(2_000).optional(),
});

const mailParty = z.object({ address: z.string(), name: z.string().optional() });

export const mailMessageSchema = z.object({
  id: z.string(),
  status: z.enum(mailStatuses),
  delivery: z.enum(mailDeliveries),
  template: z.string().optional(),
  templateVersion: z.number().int().optional().describe("0: as shipped."),
  locale: z.string().optional(),
  subject: z.string(),
  from: mailParty,
  to: mailParty,
  user: taskUserSchema.optional(),
  targets: z.array(targetSchema),
  project: z.string().optional(),
  messageId: z.string().optional(),
  priority: z.enum(mailPriorities),
  queuedAt: time,
  sendAt: time.optional(),
  sentAt: time.optional().describe("When a mail server took it (250), not when it was queued."),
  settledAt: time.optional().describe("When it came to the status it has."),
  nextTryAt: time.optional(),
  attempts: z.number().int(),
  class: z.enum(mailClasses).optional().describe("Why the last attempt did not get through."),
  reason: z.string().optional().describe("The same as a sentence."),
  answer: z.string().optional().describe("What the mail server or the provider said last, as it said it."),
  transport: z.string().optional(),
  provider: z.string().optional(),
  queueId: z.string().optional().describe("Of the mail server that took it."),
  maybeSent: z
    .literal(true)
    .optional()
    .describe(
      "An attempt broke off after the message was on the wire and before the answer: it may have arrived twice.",
    ),
  taskId: z.string().optional(),
  resendOf: z.string().optional(),
  sizeBytes: z.number().int().optional(),
});

export const mailAttemptSchema = z.object({
  n: z.number().int(),
  transport: z.string().optional(),
  host: z.string().optional(),
  startedAt: time,
  endedAt: time.optional(),
  outcome: z.enum(["sending", "sent", "refused_for_now", "refused", "failed", "maybe_sent"]),
  class: z.enum(mailClasses).optional(),
  code: z.number().int().optional().describe("SMTP reply code (RFC 5321, 4.2)."),
  enhanced: z.string().optional().describe("Enhanced status code (RFC 3463), e.g. 5.1.1."),
  line: z.string().optional().describe("What the server said."),
});

export const mailHappeningSchema = z.object({
  happening: z.enum(mailHappenings),
  at: time,
  eventId: z.string(),
  by: z.string().optional(),
  note: z.string().optional(),
});

/** One mail in full. What it said is apart: `GET /mail/messages/:id/content`, which is on record. */
export const mailDetailSchema = mailMessageSchema.extend({
  timeline: z.array(mailHappeningSchema),
  attemptList: z.array(mailAttemptSchema),
  resends: z.array(z.object({ id: z.string(), status: z.enum(mailStatuses), to: z.string(), queuedAt: time })),
  suppressed: z
    .object({ reason: z.enum(suppressionReasons), at: time })
    .optional()
    .describe("The recipient is on the suppression list now."),
  hasContent: z.boolean(),
});

/** What a mail said, with one-time links and codes masked. */
export const mailContentSchema = z.object({
  headers: z.array(z.object({ name: z.string(), value: z.string() })),
  variables: z.json().optional(),
  html: z.string().optional().describe("For a sandboxed frame only."),
  text: z.string().optional(),
  attachments: z.array(
    z.object({ filename: z.string(), contentType: z.string(), bytes: z.number().int(), sha256: z.string() }),
  ),
  masked: z.number().int().describe("How many secrets are masked in what is kept."),
  sha256: z.string().optional().describe("Of the message as it was sent, unmasked: evidence of what it said."),
});

/** Filters of the mail log; values of one filter are alternatives, with commas. */
export const mailFilter = {
  status: z
    .string()
    .max(200)
    .optional()
    .describe(`Of ${mailStatuses.join(", ")}, with commas.`),
  template: z.string().max(2_000).optional().describe("Names with commas."),
  user: name.optional().describe("The id of the user."),
  target: name.optional().describe("type/id, e.g. server/srv-1."),
  address: z
    .string()
    .max(mailLimits.addressLengthMax)
    .optional()
    .describe("The recipient; @acme.example for a whole domain."),
  class: z.string().max(400).optional(),
  delivery: z.string().max(200).optional(),
  transport: name.optional(),
  q: z
    .string()
    .max(limits.queryLengthMax)
    .optional()
    .describe("Text in subject, addresses, names, answers and ids, in any case."),
  from: inTime.optional().describe("Queued at this time or later."),
  to: inTime.optional().describe("Queued before this time."),
};
export const mailFilterSchema = z.strictObject(mailFilter);

export const newResendSchema = z.strictObject({
  to: party.optional().describe("Another address; left out, the same."),
  key: name.optional().describe("The same key again sends nothing more (Idempotency-Key)."),
});

export type MailParty = z.infer<typeof mailPartySchema>;
export type NewMail = z.input<typeof newMailSchema>;
export type MailOrder = z.output<typeof newMailSchema>;
export type MailReport = z.infer<typeof mailReportSchema>;
export type MailMessage = z.infer<typeof mailMessageSchema>;
export type MailAttempt = z.infer<typeof mailAttemptSchema>;
export type MailDetail = z.infer<typeof mailDetailSchema>;
export type MailContent = z.infer<typeof mailContentSchema>;
export type MailFilter = z.infer<typeof mailFilterSchema>;
