import { verify, X509Certificate } from "node:crypto";
import { z } from "zod";
import { sameSecret } from "../../access/secret.ts";
import {
  type ProviderReader,
  type ReadParts,
  ReportRefused,
  readBody,
  requireFresh,
  timeOf,
} from "./provider-report.ts";
import { reportsOfSes } from "./ses-notification.ts";

const schema = z.object({
  Type: z.string(),
  MessageId: z.string().max(200),
  TopicArn: z.string(),
  Subject: z.string().optional(),
  Message: z.string(),
  Timestamp: z.string(),
  SignatureVersion: z.string(),
  Signature: z.string(),
  SigningCertURL: z.string().max(1_000),
  SubscribeURL: z.string().max(4_000).optional(),
  Token: z.string().optional(),
});
type Envelope = z.output<typeof schema>;

/** SNS gives up after about an hour; a policy of one's own may make that longer. */
const WINDOW_MS = 25 * 3_600_000;
/** Where SNS has its certificates and confirms subscriptions; of China too. A customer's bucket is a host of amazonaws.com as well. */
const snsHost = /^sns\.[a-z0-9-]{3,40}\.amazonaws\.com(?:\.cn)?$/;

/**
 * Amazon SES tells through a topic of SNS, which signs with a certificate of its own. Anybody may sign messages of a topic of theirs, so the
 * secret is the ARN of ours: messages of another are refused. A topic that is subscribed confirms itself.
 */
export const ses: ProviderReader = {
  name: "ses",
  title: "Amazon SES",
  secretFault: (secret) =>
    /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_.-]{1,256}$/.test(secret)
      ? undefined
      : "is not the ARN of an SNS topic, arn:aws:sns:<region>:<account>:<topic>",
  read: async ({ body }, secret, parts) => {
    const envelope = readBody(body, schema);
    if (!sameSecret(envelope.TopicArn, secret))
      throw new ReportRefused("It is of another topic than the one that is set.");
    await requireSigned(envelope, parts);
    requireFresh(timeOf(envelope.Timestamp) ?? Number.NaN, parts.nowMs, WINDOW_MS);
    if (envelope.Type === "SubscriptionConfirmation") await confirm(envelope, parts);
    return envelope.Type === "Notification" ? reportsOfSes(envelope.Message, envelope.MessageId) : [];
  },
};

async function requireSigned(envelope: Envelope, { nowMs, fetchText }: ReadParts): Promise<void> {
  const algorithm =
    envelope.SignatureVersion === "2" ? "sha256" : envelope.SignatureVersion === "1" ? "sha1" : undefined;
  if (algorithm === undefined)
    throw new ReportRefused(`Signatures of version ${envelope.SignatureVersion} are not known.`);
  const certificate = await certificateAt(requireSnsUrl(envelope.SigningCertURL), nowMs, fetchText);
  const signature = Buffer.from(envelope.Signature, "base64");
  if (!verify(algorithm, Buffer.from(signedText(envelope)), certificate.publicKey, signature))
    throw new ReportRefused("The signature does not fit.");
}

/** What SNS signs: these members, in this order, each name and value on a line of its own. */
function signedText(envelope: Envelope): string {
  const names =
    envelope.Type === "Notification"
      ? (["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"] as const)
      : (["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"] as const);
  return names.flatMap((name) => (envelope[name] === undefined ? [] : [`${name}\n${envelope[name]}\n`])).join("");
}

function requireSnsUrl(text: string | undefined): URL {
  const url = URL.canParse(text ?? "") ? new URL(text ?? "") : undefined;
  if (url?.protocol === "https:" && url.port === "" && url.username === "" && snsHost.test(url.hostname)) return url;
  throw new ReportRefused(
    "The certificate, or the confirmation, is not at an address of SNS (sns.<region>.amazonaws.com).",
  );
}

async function confirm({ SubscribeURL }: Envelope, { fetchText }: ReadParts): Promise<void> {
  await fetchText(requireSnsUrl(SubscribeURL).href);
}

/** Certificates are few: one a region, changed about once a year. */
const CERTIFICATES_MAX = 50;
const certificates = new Map<string, X509Certificate>();

async function certificateAt(url: URL, nowMs: number, fetchText: ReadParts["fetchText"]): Promise<X509Certificate> {
  if (!url.pathname.endsWith(".pem")) throw new ReportRefused("The certificate's address does not end in .pem.");
  const known = certificates.get(url.href);
  const found = known ?? readCertificate(await fetchText(url.href));
  if (nowMs > Date.parse(found.validTo) || nowMs < Date.parse(found.validFrom))
    throw new ReportRefused("The certificate of the signature is not valid now.");
  if (known === undefined) {
    if (certificates.size >= CERTIFICATES_MAX) certificates.clear();
    certificates.set(url.href, found);
  }
  return found;
}

function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new ReportRefused("What is at the certificate's address is no certificate.");
  }
}
