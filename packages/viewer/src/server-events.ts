export interface Message {
  id?: string;
  data?: string;
}

/** Reads server-sent events (WHATWG HTML, 9.2) as far as Daybook sends them: `id` and `data` lines. */
export async function* serverEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<Message> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      rest += decoder.decode(value, { stream: true });
      const blocks = rest.split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) yield messageOf(block);
    }
  } finally {
    reader.cancel().catch(() => {}); // It may have been aborted already.
  }
}

function messageOf(block: string): Message {
  const message: Message = {};
  for (const line of block.split("\n")) {
    const found = /^(id|data): ?(.*)$/.exec(line);
    if (found?.[1] === "id") message.id = found[2] ?? "";
    else if (found !== null)
      message.data = message.data === undefined ? (found[2] ?? "") : `${message.data}\n${found[2]}`;
  }
  return message;
}
