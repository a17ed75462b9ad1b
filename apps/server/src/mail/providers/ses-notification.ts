import { z } from "zod";
import { bounceClass, ownId, type ProviderReport, readBody, timeOf } from "./provider-report.ts";

const recipients = z
  .array(z.object({ emailAddress: z.string(), diagnosticCode: z.string().optional(), status: z.string().optional() }))
  .max(1_000);

const schema = z.object({
  notificationType: z.string().optional(),
  eventType: z.string().optional(),
  mail: z
    .object({
      messageId: z.string().optional(),
      destination: z.array(z.string()).max(1_000).optional(),
      headers: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
      commonHeaders: z.object({ messageId: z.string().optional() }).optional(),
      tags: z.record(z.string(), z.array(z.string())).optional(),
    })
    .optional(),
  bounce: z
    .object({ bounceType: z.string(), bouncedRecipients: recipients, timestamp: z.string().optional() })
    .optional(),
  complaint: z.object({ complainedRecipients: recipients, timestamp: z.string().optional() }).optional(),
  delivery: z
    .object({
      recipients: z.array(z.string()).max(1_000),
      smtpResponse: z.string().optional(),
      timestamp: z.string().optional(),
    })
    .optional(),
  deliveryDelay: z.object({ delayedRecipients: recipients, timestamp: z.string().optional() }).optional(),
  reject: z.object({ reason: z.string().optional() }).optional(),
});

/** What SES tells in one message of its topic, a report for each recipient. Throws ReportBroken. */
export function reportsOfSes(text: string, snsId: string): ProviderReport[] {
  // When a topic is chosen, SES sends a sentence to it that is no JSON.
  if (!text.trimStart().startsWith("{")) return [];
  const told = readBody(text, schema);
  const { mail = {}, bounce, complaint, delivery, deliveryDelay, reject } = told;
  const sent = Object.fromEntries((mail.headers ?? []).map(({ name, value }) => [name, value]));
  const tags = Object.fromEntries(Object.entries(mail.tags ?? {}).map(([name, [value]]) => [name, value]));
  const ids = {
    mailId: ownId(sent) ?? ownId(tags),
    messageId: mail.commonHeaders?.messageId,
    providerId: mail.messageId,
  };
  const report = (kind: ProviderReport["kind"], to: string, more: Partial<ProviderReport>): ProviderReport => ({
    ...{ kind, to, key: `${snsId} ${to}`, ...ids, ...more },
  });
  switch (told.eventType ?? told.notificationType) {
    case "Delivery":
      return (delivery?.recipients ?? []).map((to) =>
        report("delivered", to, { atMs: timeOf(delivery?.timestamp), answer: delivery?.smtpResponse }),
      );
    case "Bounce":
      return (bounce?.bouncedRecipients ?? []).map(({ emailAddress, diagnosticCode, status }) => {
        const hard = bounce?.bounceType === "Permanent";
        const answer = diagnosticCode ?? status;
        const more = { atMs: timeOf(bounce?.timestamp), answer, class: bounceClass(answer ?? "", hard) };
        return report(hard ? "bounced" : "soft", emailAddress, more);
      });
    case "Complaint":
      return (complaint?.complainedRecipients ?? []).map(({ emailAddress }) =>
        report("complained", emailAddress, { atMs: timeOf(complaint?.timestamp) }),
      );
    case "DeliveryDelay":
      return (deliveryDelay?.delayedRecipients ?? []).map(({ emailAddress, diagnosticCode }) => {
        const more = { answer: diagnosticCode, class: bounceClass(diagnosticCode ?? "", false) };
        return report("deferred", emailAddress, { atMs: timeOf(deliveryDelay?.timestamp), ...more });
      });
    case "Reject":
      return (mail.destination ?? []).map((to) =>
        report("failed", to, { answer: reject?.reason, class: "spam_refused" }),
      );
    default:
      return [];
  }
}
