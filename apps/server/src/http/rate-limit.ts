import { AppError } from "@daybook/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Config } from "../config.ts";

/** Senders remembered at once; beyond it the longest unseen is forgotten. 100 bytes each. */
const SENDERS_MAX = 50_000;

interface Bucket {
  tokens: number;
  at: number;
}

/**
 * Token buckets by sender: each holds one minute's worth of requests and fills evenly, so a burst is fine and a flood is
 * not. In this process alone: with several servers the limit is each server's.
 */
export class RateLimit {
  readonly #perMinute: number;
  readonly #clock: () => number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(perMinute: number, clock: () => number) {
    this.#perMinute = perMinute;
    this.#clock = clock;
  }

  /** Takes a token. Returns 0, or the seconds until one is there. */
  take(sender: string, tokens = 1): number {
    if (this.#perMinute === 0) return 0;
    const now = this.#clock();
    const bucket = this.#refill(sender, now);
    if (bucket.tokens < 1) return ((1 - bucket.tokens) / this.#perMinute) * 60;
    bucket.tokens -= tokens;
    return 0;
  }

  /** As `take`, but takes nothing. */
  wait(sender: string): number {
    return this.take(sender, 0);
  }

  get senders(): number {
    return this.#buckets.size;
  }

  #refill(sender: string, now: number): Bucket {
    const known = this.#buckets.get(sender);
    const bucket = known ?? { tokens: this.#perMinute, at: now };
    const gained = (Math.max(0, now - bucket.at) / 60_000) * this.#perMinute;
    bucket.tokens = Math.min(this.#perMinute, bucket.tokens + gained);
    bucket.at = now;
    if (known === undefined) {
      if (this.#buckets.size >= SENDERS_MAX) this.#buckets.delete(this.#buckets.keys().next().value ?? "");
      this.#buckets.set(sender, bucket);
    }
    return bucket;
  }
}

/** What the limit needs to know of a request; the access hook provides it. */
export interface Sender {
  ip: string;
  /** Of the API key or session, when there is one. */
  id?: string;
  kind?: string;
}

/**
 * Limits requests under /api/. Call before and after the access hook is added:
 * `before` stops an address that used up its requests without access, before its key or cookie costs a query;
 * `after` counts the request for its API key or session, or for its address when it has neither.
 */
export function rateLimits(
  config: Pick<Config, "requestsPerMinute" | "keyRequestsPerMinute">,
  clock: () => number,
  sender: (request: FastifyRequest) => Sender,
): { before: (app: FastifyInstance) => void; after: (app: FastifyInstance) => void } {
  const addresses = new RateLimit(config.requestsPerMinute, clock);
  const sessions = new RateLimit(config.requestsPerMinute, clock);
  const keys = new RateLimit(config.keyRequestsPerMinute, clock);
  const limited = (request: FastifyRequest) => request.url.startsWith("/api/");

  const before = (app: FastifyInstance) => {
    app.addHook("onRequest", (request, _reply, done) => {
      done(limited(request) ? refusal(addresses.wait(sender(request).ip)) : undefined);
    });
  };
  const after = (app: FastifyInstance) => {
    app.addHook("onRequest", (request, _reply, done) => {
      if (!limited(request)) return done();
      const { ip, id, kind } = sender(request);
      const waitSeconds = id === undefined ? addresses.take(ip) : kind === "key" ? keys.take(id) : sessions.take(id);
      done(refusal(waitSeconds));
    });
  };
  return { before, after };
}

function refusal(waitSeconds: number): AppError | undefined {
  if (waitSeconds === 0) return undefined;
  const seconds = Math.max(1, Math.ceil(waitSeconds));
  return new AppError("too_many_requests", `Too many requests from here. Try again in ${seconds} s.`, {
    retryAfterSeconds: seconds,
  });
}
