import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { z } from "zod";
import {
  bounceClass,
  ownId,
  type ProviderReader,
  type ProviderReport,
  ReportRefused,
  readBody,
  requireFresh,
} from "./provider-report.ts";

const schema = z
  .array(
    z.looseObject({
      event: z.string(),
      email: z.string().optional(),
      timestamp: z.number().optional(),
      sg_event_id: z.string().max(200),
      sg_message_id: z.string().optional(),
      "smtp-id": z.string().optional(),
      type: z.string().optional(),
      reason: z.string().optional(),
      response: z.string().optional(),
    }),
  )
  .max(10_000);

/** SendGrid tries again for 24 hours (its documentation, Event Webhook). */
const WINDOW_MS = 25 * 3_600_000;

/** SendGrid signs timestamp and body with ECDSA (P-256, SHA-256); the secret is its public key. Events come in batches. */
export const sendgrid: ProviderReader = {
  name: "sendgrid",
  title: "SendGrid",
  secretFault: (secret) =>
    publicKey(secret) === undefined
      ? "is not the public key of SendGrid's signed event webhook (Settings, Mail Settings, Event Webhook)"
      : undefined,
  read: async ({ body, header }, secret, { nowMs }) => {
    const timestamp = header("x-twilio-email-event-webhook-timestamp") ?? "";
    const signature = Buffer.from(header("x-twilio-email-event-webhook-signature") ?? "", "base64");
    const key = publicKey(secret);
    const signed = Buffer.concat([Buffer.from(timestamp), body]);
    if (key === undefined || timestamp === "" || !verify("sha256", signed, key, signature))
      throw new ReportRefused(
        "The signature does not fit. Is the signed event webhook turned on, and this its public key?",
      );
    requireFresh(Number(timestamp) * 1_000, nowMs, WINDOW_MS);
    return readBody(body, schema).flatMap((event) => reportOf(event) ?? []);
  },
};

function reportOf(event: z.output<typeof schema>[number]): ProviderReport | undefined {
  const kind = kindOf(event);
  if (kind === undefined) return undefined;
  const said = event.reason || event.response || undefined;
  const report: ProviderReport = {
    ...{ kind, key: event.sg_event_id, to: event.email, answer: said, mailId: ownId(event) },
    ...{ messageId: event["smtp-id"], providerId: event.sg_message_id?.split(".")[0] },
    atMs: event.timestamp === undefined ? undefined : event.timestamp * 1_000,
  };
  if (kind === "bounced" || kind === "deferred") report.class = bounceClass(said ?? "", kind === "bounced");
  // Dropped: it stands on SendGrid's own list and was not even tried. Blocked: the server did not want it, the address is fine.
  if (kind === "failed") report.class = event.event === "dropped" ? "suppressed" : bounceClass(said ?? "", false);
  return report;
}

function kindOf({ event, type }: z.output<typeof schema>[number]): ProviderReport["kind"] | undefined {
  if (event === "delivered" || event === "deferred") return event;
  if (event === "bounce") return type === "blocked" ? "failed" : "bounced";
  if (event === "blocked" || event === "dropped") return "failed";
  if (event === "spamreport") return "complained";
  return event === "unsubscribe" || event === "group_unsubscribe" ? "unsubscribed" : undefined;
}

/** The key as SendGrid shows it: DER in base64, on one line. */
function publicKey(text: string): KeyObject | undefined {
  const base64 = text.replace(/-----(BEGIN|END) PUBLIC KEY-----|\s/g, "");
  try {
    const key = createPublicKey({ key: Buffer.from(base64, "base64"), format: "der", type: "spki" });
    return key.asymmetricKeyType === "ec" ? key : undefined;
  } catch {
    return undefined;
  }
}
