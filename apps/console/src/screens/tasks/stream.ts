/** First wait before a stream is opened again after the server refused it; doubled up to the last. */
const RETRY_FIRST_MS = 1_000;
const RETRY_LAST_MS = 30_000;
/** A hidden page keeps its stream for this long. */
const SLEEP_AFTER_MS = 20_000;

export type StreamStatus = "connecting" | "live" | "waiting";

interface StreamOptions {
  /** Made anew for each opening: it may say where to go on. */
  url: () => string;
  events: Record<string, (data: string, lastEventId: string) => void>;
  /** The stream is open; what happened before is to be asked for. */
  onOpen: () => void;
  onStatus: (status: StreamStatus) => void;
}

/** Keeps a stream of server-sent events open: again after it broke off, and not while nobody looks at the page (a browser has six
 *  connections for all its tabs). Returns how to end it. */
export function keepStream({ url, events, onOpen, onStatus }: StreamOptions): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let retryMs = RETRY_FIRST_MS;
  const close = () => {
    clearTimeout(timer);
    timer = undefined;
    source?.close();
    source = undefined;
  };
  const open = () => {
    close();
    onStatus("connecting");
    const opened = new EventSource(url());
    source = opened;
    opened.onopen = () => {
      retryMs = RETRY_FIRST_MS;
      onStatus("live");
      onOpen();
    };
    opened.onerror = () => {
      onStatus("waiting");
      // The browser tries again by itself unless the server refused; only here is it known where to go on.
      opened.close();
      timer = setTimeout(open, retryMs);
      retryMs = Math.min(retryMs * 2, RETRY_LAST_MS);
    };
    for (const [name, take] of Object.entries(events))
      opened.addEventListener(name, (message: MessageEvent<string>) => take(message.data, message.lastEventId));
  };
  const onVisibility = () => {
    if (document.hidden) {
      clearTimeout(timer);
      timer = setTimeout(close, SLEEP_AFTER_MS);
    } else if (source === undefined) open();
    else clearTimeout(timer);
  };
  document.addEventListener("visibilitychange", onVisibility);
  open();
  return () => {
    document.removeEventListener("visibilitychange", onVisibility);
    close();
  };
}

/** Calls back once in the next frame, however often it is asked; a hidden page draws no frames and is served each second. */
export function oncePerFrame(act: () => void): { ask: () => void; stop: () => void } {
  let frame: number | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = () => {
    if (frame !== undefined) cancelAnimationFrame(frame);
    clearTimeout(timer);
    frame = timer = undefined;
  };
  const run = () => {
    stop();
    act();
  };
  const ask = () => {
    if (document.hidden) timer ??= setTimeout(run, 1_000);
    else frame ??= requestAnimationFrame(run);
  };
  return { ask, stop };
}
