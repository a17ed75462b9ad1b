import { createHmac } from "node:crypto";
import { z } from "zod";
import { sameSecret } from "../../access/secret.ts";
import {
  bounceClass,
  ownId,
  type ProviderReader,
  type ProviderReport,
  ReportRefused,
  readBody,
  requireFresh,
} from "./provider-report.ts";

const schema = z.object({
  signature: z.object({ timestamp: z.string(), token: z.string().min(1).max(200), signature: z.string() }),
  "event-data": z.object({
    event: z.string(),
    timestamp: z.number().optional(),
    recipient: z.string().optional(),
    severity: z.string().optional(),
    reason: z.string().optional(),
    message: z.object({ headers: z.object({ "message-id": z.string().optional() }).optional() }).optional(),
    "delivery-status": z
      .object({
        code: z.number().nullish(),
        message: z.string().nullish(),
        description: z.string().nullish(),
      })
      .optional(),
    "user-variables": z.record(z.string(), z.unknown()).nullish(),
  }),
});

/** Mailgun tries again for 8 hours (its documentation, Webhooks). */
const WINDOW_MS = 9 * 3_600_000;

/**
 * Mailgun signs a timestamp and a token, not the body: with a signature that was seen once anything could be said. So each token counts
 * once; it is the key of the report.
 */
export const mailgun: ProviderReader = {
  name: "mailgun",
  title: "Mailgun",
  secretFault: () => undefined,
  read: async ({ body }, secret, { nowMs }) => {
    const { signature: signed, "event-data": event } = readBody(body, schema);
    const { timestamp, token, signature } = signed;
    const wanted = createHmac("sha256", secret).update(`${timestamp}${token}`).digest("hex");
    if (!sameSecret(signature, wanted))
      throw new ReportRefused("The signature does not fit. Is it the webhook signing key?");
    requireFresh(Number(timestamp) * 1_000, nowMs, WINDOW_MS);
    const kind = kindOf(event);
    if (kind === undefined) return [];
    const { code, message, description } = event["delivery-status"] ?? {};
    const text = message || description || undefined;
    const said = text !== undefined && code && !/^\d{3}/.test(text) ? `${code} ${text}` : text;
    const report: ProviderReport = {
      ...{ kind, to: event.recipient, answer: said, mailId: ownId(event["user-variables"]) },
      messageId: event.message?.headers?.["message-id"],
      atMs: event.timestamp === undefined ? undefined : Math.round(event.timestamp * 1_000),
      key: `token ${token}`,
    };
    if (kind === "bounced" || kind === "deferred") report.class = bounceClass(said ?? "", kind === "bounced");
    // On Mailgun's own list: it was not even tried.
    if (kind === "failed") report.class = "suppressed";
    return [report];
  },
};

function kindOf({
  event,
  severity,
  reason,
}: z.output<typeof schema>["event-data"]): ProviderReport["kind"] | undefined {
  if (event === "delivered" || event === "complained" || event === "unsubscribed") return event;
  if (event !== "failed") return undefined;
  if (severity === "temporary") return "deferred";
  return reason?.startsWith("suppress-") ? "failed" : "bounced";
}
