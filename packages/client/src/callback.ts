import type { Task } from "@daybook/contract";

/** What Daybook asks of the panel. */
export interface PanelCall {
  act: "retry" | "cancel" | "run";
  task: Task & { payload?: unknown };
  /** The same on every try: what was done once for an id is not done again. */
  requestId: string;
}

export interface VerifyOptions {
  /** How far the time of the signature may be from now. Seconds; left out, 300. */
  toleranceSeconds?: number;
  /** Milliseconds since the epoch; for tests. */
  nowMs?: number;
}

/** A call that is not, or no longer, one of Daybook's. Answer it with 401. */
export class CallbackError extends Error {
  override name = "CallbackError";
}

type HeaderValues = Headers | Record<string, string | readonly string[] | undefined>;

/**
 * Checks that a call comes from Daybook and reads it. `body` is the body as it was received, to the byte. `secret` is the one that was shown
 * when it was made, or several while it is being changed. Throws CallbackError. The comparison takes the same time whatever differs (it
 * is WebCrypto's).
 */
export async function verifyCallback(
  headers: HeaderValues,
  body: string | Uint8Array,
  secret: string | readonly string[],
  options: VerifyOptions = {},
): Promise<PanelCall> {
  const { time, signatures } = readSignature(headerOf(headers, "x-daybook-signature"));
  const ageSeconds = Math.abs((options.nowMs ?? Date.now()) / 1000 - time);
  const tolerance = options.toleranceSeconds ?? 300;
  if (ageSeconds > tolerance)
    throw new CallbackError(`It was signed ${Math.round(ageSeconds)} s from now; ${tolerance} s are allowed.`);
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const signed = joined(new TextEncoder().encode(`${time}.`), bytes);
  const secrets = typeof secret === "string" ? [secret] : secret;
  for (const one of secrets)
    for (const signature of signatures) if (await isSignedWith(one, signature, signed)) return readCall(bytes);
  throw new CallbackError("The signature is not one of this secret.");
}

function headerOf(headers: HeaderValues, name: string): string {
  if (headers instanceof Headers) return headers.get(name) ?? "";
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  return typeof found === "string" ? found : (found?.[0] ?? "");
}

/** `t=<unix seconds>,v1=<hex>`; there may be more than one v1. */
function readSignature(header: string): { time: number; signatures: Uint8Array<ArrayBuffer>[] } {
  const parts = header.split(",").map((part) => part.trim().split("="));
  const time = Number(parts.find(([name]) => name === "t")?.[1]);
  const hex = parts.filter(([name, value]) => name === "v1" && /^[0-9a-f]{64}$/.test(value ?? ""));
  if (!Number.isInteger(time) || time <= 0 || hex.length === 0)
    throw new CallbackError("X-Daybook-Signature is missing or is not of the form t=…,v1=…");
  const signatures = hex.map(([, value = ""]) =>
    Uint8Array.from({ length: 32 }, (_, place) => Number.parseInt(value.slice(place * 2, place * 2 + 2), 16)),
  );
  return { time, signatures };
}

async function isSignedWith(
  secret: string,
  signature: Uint8Array<ArrayBuffer>,
  signed: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  if (secret === "") throw new TypeError("secret: it is empty");
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(secret), hmac, false, ["verify"]);
  return crypto.subtle.verify("HMAC", key, signature, signed);
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

function readCall(bytes: Uint8Array): PanelCall {
  return JSON.parse(new TextDecoder().decode(bytes)) as PanelCall;
}
