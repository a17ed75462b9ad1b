import { z } from "zod";
import { mailLimits } from "./mail-terms.ts";

const time = z.string().describe("RFC 3339, UTC, milliseconds");

export const templateName = z
  .string()
  .max(mailLimits.templateNameLengthMax)
  .regex(/^[a-z0-9]+([_-][a-z0-9]+)*$/, "is not a template's name: lower case, digits, _ and -, e.g. server-suspended");

/** BCP 47 as far as mail needs it: language and perhaps region. */
export const mailLocale = z
  .string()
  .max(mailLimits.localeLengthMax)
  .regex(/^[a-z]{2,3}(-[A-Z]{2}|-[A-Z][a-z]{3})?$/, "is not a locale such as en, de or pt-BR");

export const templateKinds = ["template", "partial"] as const;

/** A token that a template may use: `{{ user.name }}`. */
export const templateTokenSchema = z.strictObject({
  name: z
    .string()
    .max(100)
    .regex(/^[a-z][a-zA-Z0-9_]*(\.[a-z][a-zA-Z0-9_]*)*$/, "is not a token such as user.name"),
  what: z.string().max(200).optional(),
  sample: z.json().optional(),
  required: z.boolean().default(false).describe("A message without it is refused."),
  secret: z.boolean().default(false).describe("A one-time link or code: masked in what is kept for reading."),
});

/** What a template says in one locale. */
export const templateTextSchema = z.strictObject({
  subject: z
    .string()
    .min(1)
    .max(mailLimits.subjectLengthMax)
    .regex(/^\P{Cc}*$/u, "holds a line break or another control character"),
  html: z.string().max(mailLimits.htmlBytesMax),
  text: z.string().max(mailLimits.textBytesMax).optional().describe("Left out, it is made from the HTML."),
});

/** `PUT /mail/templates/:name?locale=`: a new version of one locale, and what holds for all of them. */
export const templateInputSchema = templateTextSchema.extend({
  title: z.string().trim().min(1).max(100).optional(),
  what: z.string().max(300).optional(),
  kind: z.enum(templateKinds).optional().describe("partial: only included by others, {% render 'footer' %}."),
  tokens: z.array(templateTokenSchema).max(mailLimits.tokensMax).optional(),
  layout: z.boolean().optional().describe("The HTML is put into the shipped layout."),
  unsubscribe: z.boolean().optional().describe("Its mails carry List-Unsubscribe."),
  note: z.string().trim().max(200).optional().describe("What was changed and why, for the list of versions."),
  basedOn: z
    .number()
    .int()
    .min(0)
    .optional()
    .describe("The version that was changed. If another is current by now, it is refused with conflict."),
});

/** Something about a template that its author should know: it can be saved all the same, unless it is an error. */
export const templateFaultSchema = z.object({
  severity: z.enum(["error", "warning"]),
  part: z.enum(["subject", "html", "text"]),
  line: z.number().int().optional(),
  column: z.number().int().optional(),
  code: z.enum([
    "syntax",
    "unknown_token",
    "missing_token",
    "unknown_filter",
    "unknown_partial",
    "too_slow",
    "too_large",
    "script",
  ]),
  message: z.string(),
});

export const templateSummarySchema = z.object({
  name: z.string(),
  title: z.string(),
  what: z.string().optional(),
  kind: z.enum(templateKinds),
  shipped: z.boolean(),
  changed: z.boolean().describe("Differs from what is shipped."),
  locales: z.array(z.string()),
  updatedAt: time.optional(),
  updatedBy: z.string().optional(),
  broken: z.string().optional().describe("Why its newest version cannot be rendered; the last good one is sent."),
  sentLast30Days: z.number().int().optional(),
});

export const templateSchema = templateSummarySchema.extend({
  locale: z.string(),
  version: z.number().int().describe("0: as shipped."),
  subject: z.string(),
  html: z.string(),
  text: z.string().optional(),
  tokens: z.array(templateTokenSchema),
  layout: z.boolean(),
  unsubscribe: z.boolean(),
  faults: z.array(templateFaultSchema),
  default: templateTextSchema.optional().describe("As shipped, to compare with."),
});

export const templateVersionSchema = z.object({
  version: z.number().int(),
  locale: z.string(),
  at: time.optional(),
  by: z.string().optional(),
  note: z.string().optional(),
  current: z.boolean(),
  subject: z.string(),
  html: z.string(),
  text: z.string().optional(),
});

export const restorationSchema = z.strictObject({ locale: mailLocale, version: z.number().int().min(0) });

/** `POST /mail/templates/:name/previews`: how it would look, unsaved text included. */
export const previewInputSchema = z.strictObject({
  locale: mailLocale.optional(),
  subject: z.string().max(mailLimits.subjectLengthMax).optional(),
  html: z.string().max(mailLimits.htmlBytesMax).optional(),
  text: z.string().max(mailLimits.textBytesMax).nullable().optional().describe("Null: made from the HTML."),
  layout: z.boolean().optional(),
  tokens: z.array(templateTokenSchema).max(mailLimits.tokensMax).optional(),
  data: z.record(z.string(), z.json()).optional().describe("Left out, the sample values of the tokens."),
  messageId: z.guid().optional().describe("With the data of this past message, as it is kept."),
});

export const previewSchema = z.object({
  subject: z.string(),
  html: z.string(),
  text: z.string(),
  locale: z.string(),
  faults: z.array(templateFaultSchema),
  ms: z.number().describe("How long rendering took."),
});

export const testMessageSchema = previewInputSchema.omit({ messageId: true });

export type TemplateToken = z.infer<typeof templateTokenSchema>;
export type TemplateText = z.infer<typeof templateTextSchema>;
export type TemplateInput = z.infer<typeof templateInputSchema>;
export type TemplateFault = z.infer<typeof templateFaultSchema>;
export type TemplateSummary = z.infer<typeof templateSummarySchema>;
export type Template = z.infer<typeof templateSchema>;
export type TemplateVersion = z.infer<typeof templateVersionSchema>;
export type PreviewInput = z.input<typeof previewInputSchema>;
export type Preview = z.infer<typeof previewSchema>;
