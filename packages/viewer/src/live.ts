import { serverEvents } from "./server-events.ts";
import { TokenExpired } from "./viewer-api.ts";

/** Between tries, doubled after each that failed, in milliseconds. */
const RETRY_MS = 1_000;
const RETRY_MS_MAX = 60_000;

export interface LiveEars<Item> {
  onItem(item: Item): void;
  onOpen(open: boolean): void;
  onExpired(): void;
}

/** Follows a stream until `signal` is aborted or the token ends. A stream that ends is resumed where it was, if its messages have ids. */
export async function follow<Item>(
  open: (signal: AbortSignal, lastEventId: string | undefined) => Promise<Response>,
  ears: LiveEars<Item>,
  signal: AbortSignal,
): Promise<void> {
  let lastEventId: string | undefined;
  let waitMs = RETRY_MS;
  while (!signal.aborted) {
    try {
      const response = await open(signal, lastEventId);
      ears.onOpen(true);
      waitMs = RETRY_MS;
      if (response.body === null) return;
      for await (const message of serverEvents(response.body)) {
        if (message.id) lastEventId = message.id;
        if (message.data) ears.onItem(JSON.parse(message.data) as Item);
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
