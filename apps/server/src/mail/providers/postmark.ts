import { z } from "zod";
import { sameSecret } from "../../access/secret.ts";
import {
  bounceClass,
  ownId,
  type ProviderReader,
  type ProviderReport,
  ReportRefused,
  readBody,
  type SignedRequest,
  timeOf,
} from "./provider-report.ts";

const schema = z.object({
  RecordType: z.string(),
  ID: z.union([z.number(), z.string()]).optional(),
  Type: z.string().optional(),
  MessageID: z.string().optional(),
  Recipient: z.string().optional(),
  Email: z.string().optional(),
  DeliveredAt: z.string().optional(),
  BouncedAt: z.string().optional(),
  ChangedAt: z.string().optional(),
  Description: z.string().optional(),
  Details: z.string().nullish(),
  SuppressSending: z.boolean().optional(),
  SuppressionReason: z.string().nullish(),
  Metadata: z.record(z.string(), z.unknown()).nullish(),
});

/** Bounces after which the address is dead, and those of which Postmark tries again. The others were refused this once. */
const hardBounces = new Set(["HardBounce", "BadEmailAddress", "AddressChange"]);
const laterBounces = new Set(["Transient"]);

/**
 * Postmark signs nothing. So the secret has to come along with each report, which is why its address must be https: as the password of basic
 * authentication in the address (any user name), or as a header that is set for the webhook, X-Daybook-Secret.
 */
export const postmark: ProviderReader = {
  name: "postmark",
  title: "Postmark",
  secretFault: (secret) =>
    secret.length < 16 ? "needs 16 characters or more: it is all that protects this address" : undefined,
  read: async (request, secret) => {
    if (!secretsOf(request).some((given) => sameSecret(given, secret)))
      throw new ReportRefused(
        "The password of basic authentication, or the header X-Daybook-Secret, is not the secret.",
      );
    const body = readBody(request.body, schema);
    const kind = kindOf(body);
    if (kind === undefined) return [];
    const { RecordType, ID, MessageID, Recipient, Email, Metadata, DeliveredAt, BouncedAt, ChangedAt } = body;
    const to = Recipient ?? Email;
    const at = DeliveredAt ?? BouncedAt ?? ChangedAt;
    const said = body.Details || body.Description || undefined;
    const report: ProviderReport = {
      ...{ kind, to, atMs: timeOf(at), mailId: ownId(Metadata), providerId: MessageID, answer: said },
      key: [RecordType, ID ?? MessageID, to, at].join(" "),
    };
    if (kind === "bounced") report.class = "recipient_refused";
    else if (kind === "soft" || kind === "deferred" || kind === "failed") report.class = bounceClass(said ?? "", false);
    return [report];
  },
};

/** The secrets that a request offers. */
function secretsOf(request: SignedRequest): string[] {
  const basic = /^basic (.+)$/i.exec(request.header("authorization") ?? "")?.[1];
  const pair = basic === undefined ? "" : Buffer.from(basic, "base64").toString();
  const password = pair.slice(pair.indexOf(":") + 1);
  return [password, request.header("x-daybook-secret") ?? ""].filter((secret) => secret !== "");
}

function kindOf({
  RecordType,
  Type = "",
  SuppressSending,
  SuppressionReason,
}: z.output<typeof schema>): ProviderReport["kind"] | undefined {
  if (RecordType === "Delivery") return "delivered";
  if (RecordType === "SpamComplaint" || Type === "SpamComplaint") return "complained";
  if (RecordType === "SubscriptionChange")
    return SuppressSending === true && SuppressionReason === "ManualSuppression" ? "unsubscribed" : undefined;
  if (RecordType !== "Bounce") return undefined;
  if (hardBounces.has(Type)) return "bounced";
  if (laterBounces.has(Type)) return "deferred";
  if (Type === "Blocked" || Type === "SpamNotification" || Type === "DMARCPolicy") return "failed";
  // Answers of people and machines say nothing of the delivery.
  return [
    "AutoResponder",
    "Subscribe",
    "Unsubscribe",
    "OpenRelayTest",
    "ChallengeVerification",
    "VirusNotification",
  ].includes(Type)
    ? undefined
    : "soft";
}
