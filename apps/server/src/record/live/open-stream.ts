import type { FastifyReply } from "fastify";
import { beginEventStream, holdOpen } from "../../http/event-stream.ts";
import type { Lens } from "./lens.ts";
import type { LiveLogs } from "./live-logs.ts";
import { Viewer } from "./viewer.ts";

export interface StreamRequest {
  workspaceId: number;
  lens: Lens;
  /** The place in the log after which to begin; left out, its end. */
  resumed: number | undefined;
  /** How long the stream may live. */
  lifeMs?: number;
  /** Whether what opened the stream still holds. */
  mayGoOn: () => Promise<boolean>;
  onClose?: () => void;
}

/** Turns a reply into a stream of server-sent events. Throws overloaded before anything is sent. */
export async function openStream(live: LiveLogs, reply: FastifyReply, request: StreamRequest): Promise<void> {
  const { workspaceId, lens, resumed, lifeMs, mayGoOn, onClose } = request;
  live.checkRoom();
  const size = await live.size(workspaceId);
  const response = beginEventStream(reply);
  const seq = Math.min(resumed ?? size, size);
  const viewer = new Viewer({ response, lens, seq, onReady: () => live.ready(workspaceId, viewer) });
  const closed = (): void => {
    onClose?.();
    live.remove(workspaceId, viewer);
  };
  if (holdOpen(response, { lifeMs, mayGoOn, onClose: closed })) live.add(workspaceId, viewer, size);
}
