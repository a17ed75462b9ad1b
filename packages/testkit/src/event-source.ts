/** A message of a stream of server-sent events. */
export interface StreamMessage {
  event: string;
  id: string | undefined;
  data: string;
}

export interface TestStream {
  status: number;
  /** The next message that says something, comments left out; undefined when the stream has ended. */
  next(): Promise<StreamMessage | undefined>;
  /** Reads on until a message fulfils the test. Throws when the stream ends before. */
  until(test: (message: StreamMessage) => boolean): Promise<StreamMessage>;
  /** Resolves with the time at which the stream ended. */
  ended(): Promise<number>;
  close(): void;
}

/** Opens a stream of server-sent events over HTTP, as a browser does. */
export async function openStream(url: string, headers: Record<string, string> = {}): Promise<TestStream> {
  const stop = new AbortController();
  const response = await fetch(url, { headers, signal: stop.signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const next = async (): Promise<StreamMessage | undefined> => {
    for (;;) {
      const end = text.indexOf("\n\n");
      if (end >= 0) {
        const message = messageOf(text.slice(0, end));
        text = text.slice(end + 2);
        if (message !== undefined) return message;
        continue;
      }
      const chunk = await reader?.read();
      if (chunk === undefined || chunk.done) return undefined;
      text += chunk.value;
    }
  };
  const until = async (test: (message: StreamMessage) => boolean): Promise<StreamMessage> => {
    for (let message = await next(); message !== undefined; message = await next()) if (test(message)) return message;
    throw new Error("the stream ended");
  };
  const ended = async (): Promise<number> => {
    while ((await next()) !== undefined);
    return Date.now();
  };
  return { status: response.status, next, until, ended, close: () => stop.abort() };
}

function messageOf(block: string): StreamMessage | undefined {
  const fields = new Map(
    block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
  );
  const data = fields.get("data");
  return data === undefined ? undefined : { event: fields.get("event") ?? "message", id: fields.get("id"), data };
}
