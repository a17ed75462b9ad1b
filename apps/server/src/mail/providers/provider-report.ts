import type { MailClass, MailProvider } from "@daybook/contract";
import type { z } from "zod";
import { classify } from "../wire/classify.ts";
import { enhancedOf, readReply } from "../wire/smtp-reply.ts";

/** What a provider tells of one mail. `soft`: it bounced for now, or somebody's holiday answered; `deferred`: it is tried again. */
export type ReportKind = "delivered" | "bounced" | "soft" | "deferred" | "failed" | "complained" | "unsubscribed";

/** One thing that a provider tells, in our words. */
export interface ProviderReport {
  /** The same when the provider tells it again. */
  key: string;
  kind: ReportKind;
  /** The recipient. */
  to?: string | undefined;
  atMs?: number | undefined;
  class?: MailClass | undefined;
  answer?: string | undefined;
  /** Our own id, where the mail carries it as metadata. */
  mailId?: string | undefined;
  /** The header Message-ID. */
  messageId?: string | undefined;
  /** The provider's id of the mail. */
  providerId?: string | undefined;
}

/** What was sent, as it was sent: signatures are over bytes. */
export interface SignedRequest {
  body: Buffer;
  header(name: string): string | undefined;
}

export interface ReadParts {
  nowMs: number;
  /** Reads a short text from an address of the internet that is judged first (net/guarded-fetch.ts). */
  fetchText(url: string): Promise<string>;
}

/** One provider: a file beside this one, and a line in provider-list.ts. */
export interface ProviderReader {
  name: MailProvider;
  title: string;
  /** What is wrong with a secret, in a sentence; undefined if nothing is. */
  secretFault(secret: string): string | undefined;
  /** Checks who sent it, and reads it. What tells nothing of a mail (opened, clicked) is left out. Throws ReportRefused and ReportBroken. */
  read(request: SignedRequest, secret: string, parts: ReadParts): Promise<ProviderReport[]>;
}

/** A request that does not come from the provider, or came too late. */
export class ReportRefused extends Error {
  override name = "ReportRefused";
}

/** A request of the provider that is not what its documentation says. */
export class ReportBroken extends Error {
  override name = "ReportBroken";
}

/** How much a provider's clock may be ahead of ours. */
const AHEAD_MS = 5 * 60_000;

/** Refuses a signature that was made too long ago, or for a time to come. What is older is a repetition. */
export function requireFresh(signedMs: number, nowMs: number, windowMs: number): void {
  if (Number.isFinite(signedMs) && signedMs <= nowMs + AHEAD_MS && signedMs >= nowMs - windowMs) return;
  throw new ReportRefused("It was signed too long ago, or for a time to come. Is this machine's clock right?");
}

/** The JSON of a body, as the schema wants it. Throws ReportBroken. */
export function readBody<T extends z.ZodType>(body: Buffer | string, schema: T): z.output<T> {
  let json: unknown;
  try {
    json = JSON.parse(body.toString());
  } catch {
    throw new ReportBroken("The body is not JSON.");
  }
  const read = schema.safeParse(json);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new ReportBroken(`/${issue?.path.join("/") ?? ""} ${issue?.message ?? "is not understood"}`);
}

/** Members of metadata that hold our own id, whatever a provider makes of upper case, `_` and `-`. */
export function ownId(metadata: Record<string, unknown> | null | undefined): string | undefined {
  for (const [name, value] of Object.entries(metadata ?? {})) {
    const folded = name.toLowerCase().replace(/[^a-z]/g, "");
    if ((folded === "daybookmessageid" || folded === "xdaybookmessageid") && typeof value === "string") return value;
  }
  return undefined;
}

/** Why a mail bounced, from what the recipient's server said; of a hard bounce that says nothing else, the address is to blame. */
export function bounceClass(said: string, hard: boolean): MailClass {
  const text = said.replace(/^\s*smtp;\s*/i, "").trim();
  const code = hard ? 550 : 450;
  const reply = readReply(text) ?? { code: enhancedOf(text)?.startsWith("5") ? 550 : code, text };
  const found = classify({ step: "recipient", reply, message: text }).class;
  if (found === "refused" || found === "refused_for_now") return hard ? "recipient_refused" : "refused_for_now";
  return found;
}

/** Milliseconds of a time as providers write it; undefined of what is none. */
export function timeOf(text: string | undefined): number | undefined {
  const at = Date.parse(text ?? "");
  return Number.isNaN(at) ? undefined : at;
}
