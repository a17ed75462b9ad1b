import type { FastifyReply } from "fastify";
import type { Lens } from "./lens.ts";
import type { LiveLogs } from "./live-logs.ts";
import { Viewer } from "./viewer.ts";

/** A stream ends after this long at the latest; clients resume by themselves. */
const STREAM_MS_MAX = 15 * 60_000;
/** How long a browser waits before it comes back. */
const RETRY_MS = 1_000;
/** How often it is asked whether what opened a stream still holds. */
const WATCH_MS = 10_000;

export interface StreamRequest {
  workspaceId: number;
  lens: Lens;
  /** The place in the log after which to begin; left out, its end. */
  resumed: number | undefined;
  /** How long the stream may live. */
  lifeMs?: number;
  /** Whether what opened the stream still holds; asked every 10 s. A fault leaves it open until the next time. */
  mayGoOn: () => Promise<boolean>;
  onClose?: () => void;
}

/** Turns a reply into a stream of server-sent events. Throws overloaded before anything is sent. */
export async function openStream(live: LiveLogs, reply: FastifyReply, request: StreamRequest): Promise<void> {
  const { workspaceId, lens, resumed, lifeMs = STREAM_MS_MAX, mayGoOn, onClose } = request;
  live.checkRoom();
  const size = await live.size(workspaceId);
  reply.hijack();
  const response = reply.raw;
  response.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
  });
  response.write(`retry: ${RETRY_MS}\n\n`);
  const seq = Math.min(resumed ?? size, size);
  const viewer = new Viewer({ response, lens, seq, onReady: () => live.ready(workspaceId, viewer) });
  const end = setTimeout(() => viewer.end(), Math.min(lifeMs, STREAM_MS_MAX));
  const look = (): void =>
    void mayGoOn().then(
      (may) => may || viewer.end(),
      () => {},
    );
  const watch = setInterval(look, WATCH_MS);
  const closed = (): void => {
    clearTimeout(end);
    clearInterval(watch);
    onClose?.();
  };
  response.on("close", () => {
    closed();
    live.remove(workspaceId, viewer);
  });
  if (response.destroyed) closed();
  else live.add(workspaceId, viewer, size);
}
