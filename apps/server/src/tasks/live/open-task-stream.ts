import type { ServerResponse } from "node:http";
import type { FastifyReply } from "fastify";
import { beginEventStream, holdOpen, type StreamLife } from "../../http/event-stream.ts";
import type { Feeding, TaskHub } from "./task-hub.ts";

/** Turns a reply into a stream that the hub feeds. Throws overloaded before anything is sent. */
export async function openTaskStream(
  hub: TaskHub,
  reply: FastifyReply,
  life: Omit<StreamLife, "onClose"> & { onClose?: () => void },
  follow: (response: ServerResponse) => Feeding,
): Promise<void> {
  await hub.open();
  const response = beginEventStream(reply);
  let feeding: Feeding | undefined;
  const onClose = (): void => {
    life.onClose?.();
    feeding?.close();
  };
  if (holdOpen(response, { ...life, onClose })) feeding = follow(response);
}
