import { createHmac } from "node:crypto";
import { AppError } from "@daybook/contract";
import { parseAllowedHosts } from "../../net/callable-address.ts";
import { type GuardedAnswer, type GuardOptions, guardedFetch } from "../../net/guarded-fetch.ts";

/** What the panel is asked for: to try a task again, to cancel it, to run it. */
export interface PanelCall {
  url: string;
  secret: string;
  act: "retry" | "cancel" | "run";
  task: object;
  /** The same on every try, so that the panel can tell a repetition. */
  requestId: string;
  signal?: AbortSignal;
}

export type PanelGuard = Omit<GuardOptions, "allowed">;

/** Calls the panel, signed for this moment: `t=<unix seconds>,v1=<hex hmac-sha256 of "<t>.<body>">`. Throws as guardedFetch. */
export function callPanel(
  call: PanelCall,
  allowedHosts: readonly string[],
  nowMs: number,
  guard: PanelGuard = {},
): Promise<GuardedAnswer> {
  const { url, secret, act, task, requestId, signal } = call;
  const body = JSON.stringify({ act, task, requestId });
  const headers = {
    "content-type": "application/json",
    "user-agent": "Daybook",
    "x-daybook-request-id": requestId,
    "x-daybook-signature": signature(secret, body, nowMs),
  };
  const request = { method: "POST" as const, headers, body, ...(signal === undefined ? {} : { signal }) };
  return guardedFetch(url, request, { ...guard, allowed: parseAllowedHosts(allowedHosts) });
}

/** What X-Daybook-Signature says of a body. */
export function signature(secret: string, body: string, nowMs: number): string {
  const time = Math.floor(nowMs / 1000);
  return `t=${time},v1=${createHmac("sha256", secret).update(`${time}.${body}`).digest("hex")}`;
}

/** Nobody waits longer, and a timer that is too long would end at once. */
const RETRY_AFTER_MAX_MS = 24 * 3_600_000;

/** How long the panel wants to be left alone (RFC 9110, 10.2.3), in milliseconds, a day at most; 0 if it does not say. */
export function retryAfterMs({ status, headers }: GuardedAnswer, nowMs: number): number {
  const header = headers["retry-after"];
  if ((status !== 429 && status !== 503) || typeof header !== "string") return 0;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - nowMs;
  return Number.isNaN(ms) ? 0 : Math.min(RETRY_AFTER_MAX_MS, Math.max(0, ms));
}

/** An answer in few words: its status and what it says. */
export function inWords(answer: GuardedAnswer): string {
  const said = messageOf(answer.text);
  const location = answer.headers.location;
  const to =
    answer.status >= 300 && answer.status < 400 && typeof location === "string" ? ` (redirect to ${location})` : "";
  return `${answer.status}${to}${said === "" ? "" : `: ${said}`}`.slice(0, ANSWER_LENGTH_MAX);
}

/** What went wrong before there was an answer. */
export function faultInWords(error: unknown): string {
  if (error instanceof AppError) return error.message;
  const { name, code, message } = error as { name?: string; code?: string; message?: string };
  if (name === "TimeoutError") return "no answer in time";
  return (code === undefined ? (message ?? String(error)) : `${code}: ${message}`).slice(0, ANSWER_LENGTH_MAX);
}

const ANSWER_LENGTH_MAX = 500;

/** Panels say why in one of these members, or in plain text. */
function messageOf(text: string): string {
  try {
    const document: unknown = JSON.parse(text);
    if (typeof document !== "object" || document === null) return "";
    for (const member of ["detail", "message", "error", "title"] as const) {
      const value = (document as Record<string, unknown>)[member];
      if (typeof value === "string") return value;
    }
    return "";
  } catch {
    // A page of HTML says nothing in its first words.
    return text.trimStart().startsWith("<") ? "" : text.replace(/\s+/g, " ").trim();
  }
}
