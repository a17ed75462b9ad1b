import type { ViewerEvent } from "@daybook/contract";
import { serverEvents } from "./server-events.ts";
import { TokenExpired, type ViewerApi } from "./viewer-api.ts";

/** Between tries, doubled after each that failed, in milliseconds. */
const RETRY_MS = 1_000;
const RETRY_MS_MAX = 60_000;

export interface LiveEars {
  onEvent(event: ViewerEvent): void;
  onOpen(open: boolean): void;
  onExpired(): void;
}

/** Follows the stream until `signal` is aborted or the token ends. A stream that ends is resumed where it was. */
export async function follow(api: ViewerApi, q: string, ears: LiveEars, signal: AbortSignal): Promise<void> {
  let lastEventId: string | undefined;
  let waitMs = RETRY_MS;
  while (!signal.aborted) {
    try {
      const response = await api.stream({ q, lastEventId }, signal);
      ears.onOpen(true);
      waitMs = RETRY_MS;
      if (response.body === null) return;
      for await (const message of serverEvents(response.body)) {
        if (message.id) lastEventId = message.id;
        if (message.data) ears.onEvent(JSON.parse(message.data) as ViewerEvent);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof TokenExpired) {
        ears.onExpired();
        return;
      }
    }
    ears.onOpen(false);
    await pause(waitMs, signal);
    waitMs = Math.min(waitMs * 2, RETRY_MS_MAX);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
