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
  timeOf,
} from "./provider-report.ts";

const schema = z.object({
  type: z.string(),
  created_at: z.string().optional(),
  data: z.object({
    email_id: z.string().optional(),
    message_id: z.string().optional(),
    to: z.array(z.string()).max(100).optional(),
    tags: z
      .union([z.record(z.string(), z.unknown()), z.array(z.object({ name: z.string(), value: z.unknown() }))])
      .nullish(),
    headers: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
    bounce: z
      .object({ message: z.string().optional(), type: z.string().optional(), subType: z.string().optional() })
      .nullish(),
    failed: z.object({ reason: z.string().optional() }).nullish(),
  }),
});

/** Each try is signed anew, so a few minutes suffice (the documentation of Svix, Verifying payloads). */
const WINDOW_MS = 5 * 60_000;

/** Resend signs as Svix does: HMAC-SHA256 over id, timestamp and body, under a key that is written `whsec_…`. */
export const resend: ProviderReader = {
  name: "resend",
  title: "Resend",
  secretFault: (secret) =>
    /^whsec_[A-Za-z0-9+/]{20,}={0,2}$/.test(secret) ? undefined : "is not a signing secret such as whsec_…",
  read: async ({ body, header }, secret, { nowMs }) => {
    const [id, timestamp, signatures] = ["svix-id", "svix-timestamp", "svix-signature"].map(
      (name) => header(name) ?? "",
    );
    const key = Buffer.from(secret.slice("whsec_".length), "base64");
    const wanted = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64");
    // While a secret is changed there are signatures of both.
    if (
      !id ||
      !(signatures ?? "").split(" ").some((each) => each.startsWith("v1,") && sameSecret(each.slice(3), wanted))
    )
      throw new ReportRefused("The signature does not fit. Is it the signing secret of this webhook?");
    requireFresh(Number(timestamp) * 1_000, nowMs, WINDOW_MS);
    const report = readBody(body, schema);
    const kind = kindOf(report);
    if (kind === undefined) return [];
    return (report.data.to ?? [undefined]).map((to) => reportOf(report, kind, to, `${id} ${to ?? ""}`));
  },
};

function reportOf(
  { created_at, data }: z.output<typeof schema>,
  kind: ProviderReport["kind"],
  to: string | undefined,
  key: string,
): ProviderReport {
  const { bounce, failed, tags, headers, email_id, message_id } = data;
  const said = bounce?.message ?? failed?.reason;
  const own = Array.isArray(tags) ? Object.fromEntries(tags.map(({ name, value }) => [name, value])) : tags;
  const sent = Object.fromEntries((headers ?? []).map(({ name, value }) => [name, value]));
  const report: ProviderReport = {
    ...{ key, kind, to: to === undefined ? undefined : bareAddress(to), atMs: timeOf(created_at), answer: said },
    ...{ mailId: ownId(own) ?? ownId(sent), messageId: message_id, providerId: email_id },
  };
  if (kind === "bounced" || kind === "soft") report.class = bounceClass(said ?? "", kind === "bounced");
  if (kind === "failed") report.class = bounce?.subType === "Suppressed" ? "suppressed" : "refused";
  return report;
}

function kindOf({ type, data }: z.output<typeof schema>): ProviderReport["kind"] | undefined {
  if (type === "email.delivered") return "delivered";
  if (type === "email.complained") return "complained";
  if (type === "email.delivery_delayed") return "deferred";
  if (type === "email.failed" || type === "email.suppressed") return "failed";
  if (type !== "email.bounced") return undefined;
  return data.bounce?.type === "Transient" || data.bounce?.type === "Undetermined" ? "soft" : "bounced";
}

/** `Dana <dana@acme.example>` as `dana@acme.example`. */
function bareAddress(text: string): string {
  return /<([^<>]+)>\s*$/.exec(text)?.[1] ?? text;
}
