import type { ServerResponse } from "node:http";
import type { FastifyReply } from "fastify";

/** A stream ends after this long at the latest; clients resume by themselves. */
const STREAM_MS_MAX = 15 * 60_000;
/** How long a browser waits before it comes back. */
const RETRY_MS = 1_000;
/** How often it is asked whether what opened a stream still holds. */
const WATCH_MS = 10_000;

export interface StreamLife {
  /** How long the stream may live. */
  lifeMs?: number | undefined;
  /** Whether what opened the stream still holds; asked every 10 s. A fault leaves it open until the next time. */
  mayGoOn: () => Promise<boolean>;
  /** The connection has ended, from either side. Called once. */
  onClose: () => void;
}

/** Turns a reply into a stream of server-sent events: from here on the response is the caller's. */
export function beginEventStream(reply: FastifyReply): ServerResponse {
  reply.hijack();
  const response = reply.raw;
  response.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
    // A stream that ended is followed by nothing; kept open, the connection would hold up the server's stop.
    connection: "close",
  });
  response.write(`retry: ${RETRY_MS}\n\n`);
  return response;
}

/** Ends a stream when its time is over or what opened it no longer holds. False when the client has gone already. */
export function holdOpen(response: ServerResponse, { lifeMs = STREAM_MS_MAX, mayGoOn, onClose }: StreamLife): boolean {
  const end = setTimeout(() => response.end(), Math.min(lifeMs, STREAM_MS_MAX));
  const look = (): void =>
    void mayGoOn().then(
      (may) => may || response.end(),
      () => {},
    );
  const watch = setInterval(look, WATCH_MS);
  let closed = false;
  const close = (): void => {
    if (closed) return;
    closed = true;
    clearTimeout(end);
    clearInterval(watch);
    onClose();
  };
  response.on("close", close);
  if (response.destroyed) close();
  return !response.destroyed;
}
