import { DaybookError } from "./fault.ts";

export interface ConnectionOptions {
  /** Where Daybook is, e.g. https://daybook.example.com */
  url: string;
  /** An API key, dbk_… */
  key: string;
  /** For proxies and the like; left out, the fetch of the platform. */
  fetch?: typeof fetch;
  /** One try that has not been answered by then counts as lost. Milliseconds; left out, 30,000. */
  timeoutMs?: number;
  /** For so long a call is tried again before it is given up. Milliseconds; left out, an hour. */
  retryForMs?: number;
}

export interface Call {
  method: "GET" | "POST" | "PATCH";
  /** Below /api/v1, with its slash. */
  path: string;
  body?: string;
  contentType?: string;
}

export interface Answer {
  status: number;
  body: unknown;
  /** Which try this was, from 1: after the first, an earlier one may have arrived although its answer was lost. */
  tries: number;
}

/** The first wait; doubled each time up to the last one. Half of each is chance, so that many clients do not come back at once. */
const FIRST_WAIT_MS = 250;
const LAST_WAIT_MS = 30_000;
/** Longer pauses than this are not asked for by a server that is well. */
const RETRY_AFTER_MAX_MS = 5 * 60_000;
/** Answers that say "not now": the same call may work later. */
const passing = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Calls to the API: each is tried again until it is answered, refused, or the time is up. */
export class Connection {
  readonly retryForMs: number;
  readonly #base: string;
  readonly #key: string;
  readonly #fetch: typeof fetch;
  readonly #timeoutMs: number;
  readonly #sleepers = new Set<() => void>();
  /** Tries under way: each can be given less time. */
  readonly #underWay = new Set<(leftMs: number) => void>();
  #deadline = Number.POSITIVE_INFINITY;

  constructor(options: ConnectionOptions) {
    if (!/^https?:\/\//.test(options.url)) throw new TypeError(`url: ${options.url} is not an http(s) address`);
    if (options.key === "") throw new TypeError("key: an API key is needed; `daybook keys create` makes one");
    this.#base = `${options.url.replace(/\/+$/, "")}/api/v1`;
    this.#key = options.key;
    const ownFetch = options.fetch;
    this.#fetch = ownFetch ?? ((input, init) => fetch(input, init));
    this.#timeoutMs = options.timeoutMs ?? 30_000;
    this.retryForMs = options.retryForMs ?? 3_600_000;
  }

  /** Throws DaybookError: what Daybook answered, or `unreachable`. */
  async call(call: Call, retryForMs: number = this.retryForMs): Promise<Answer> {
    const giveUpAt = Date.now() + retryForMs;
    for (let tries = 1; ; tries++) {
      const outcome = await this.#once(call);
      if ("body" in outcome) return { ...outcome, tries };
      const { fault } = outcome;
      if (fault.status !== 0 && !passing.has(fault.status)) throw fault;
      const waitMs = Math.max(jittered(tries), outcome.retryAfterMs);
      if (Date.now() + waitMs > Math.min(giveUpAt, this.#deadline)) throw fault;
      await this.#sleep(waitMs);
      if (Date.now() > this.#deadline) throw fault;
    }
  }

  /** After this time (milliseconds since the epoch) calls end, and none is tried again. Those that wait are tried once more now. */
  endBy(deadline: number): void {
    this.#deadline = Math.min(this.#deadline, deadline);
    for (const wake of this.#sleepers) wake();
    for (const limit of this.#underWay) limit(deadline - Date.now());
  }

  /** One try: what was answered, or what went wrong. The body is part of the try: a connection may stop in the middle of it. */
  async #once(call: Call): Promise<{ status: number; body: unknown } | { fault: DaybookError; retryAfterMs: number }> {
    const stop = new AbortController();
    const end = (): void => stop.abort(new Error("no answer in time"));
    const timers: ReturnType<typeof setTimeout>[] = [];
    const limit = (leftMs: number): void => void timers.push(setTimeout(end, Math.max(1, leftMs)));
    limit(Math.min(this.#timeoutMs, this.#deadline - Date.now()));
    this.#underWay.add(limit);
    try {
      const response = await this.#fetch(`${this.#base}${call.path}`, {
        method: call.method,
        headers: {
          authorization: `Bearer ${this.#key}`,
          accept: "application/json",
          ...(call.body === undefined ? {} : { "content-type": call.contentType ?? "application/json" }),
        },
        ...(call.body === undefined ? {} : { body: call.body }),
        redirect: "error",
        signal: stop.signal,
      });
      const text = await response.text();
      if (response.ok) return { status: response.status, body: text === "" ? null : JSON.parse(text) };
      return { fault: toError(response.status, text), retryAfterMs: retryAfterMs(response.headers.get("retry-after")) };
    } catch (cause) {
      const message = `Daybook could not be reached: ${reason(cause)}`;
      return { fault: new DaybookError("unreachable", message, { cause }), retryAfterMs: 0 };
    } finally {
      this.#underWay.delete(limit);
      for (const timer of timers) clearTimeout(timer);
    }
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#sleepers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.#sleepers.add(wake);
    });
  }
}

function jittered(tries: number): number {
  const full = Math.min(LAST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(tries - 1, 20));
  return full / 2 + (Math.random() * full) / 2;
}

/** Seconds or a date (RFC 9110, 10.2.3) in milliseconds from now. */
function retryAfterMs(header: string | null): number {
  if (header === null) return 0;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(0, ms), RETRY_AFTER_MAX_MS);
}

/** A problem document (RFC 9457), or what a proxy in between says. */
function toError(status: number, text: string): DaybookError {
  try {
    const problem = JSON.parse(text);
    const { code, detail, title, errors } = problem;
    if (typeof code === "string") return new DaybookError(code, detail ?? title ?? code, { status, errors, problem });
  } catch {
    // Not JSON: it came from something between here and Daybook.
  }
  return new DaybookError(`http_${status}`, `The answer was ${status}: ${text.slice(0, 200)}`, { status });
}

/** The fetch of Node says only "fetch failed"; why is in its cause. */
function reason(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { message?: string; code?: string } };
  return cause?.code ?? cause?.message ?? message ?? String(error);
}
