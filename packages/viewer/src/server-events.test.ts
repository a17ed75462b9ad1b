import { expect, test } from "vitest";
import { type Message, serverEvents } from "./server-events.ts";

test("messages are read whole however the bytes are cut", async () => {
  const text = 'retry: 1000\n\n: \nid: a\n\nid: b\ndata: {"name":"Zoë"}\n\nid: c\ndata: never ended';
  const bytes = new TextEncoder().encode(text);
  for (const size of [1, 2, 7, bytes.length]) {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
        controller.close();
      },
    });
    const read: Message[] = [];
    for await (const message of serverEvents(body)) read.push(message);
    expect(read, `pieces of ${size}`).toEqual([{}, { id: "a" }, { id: "b", data: '{"name":"Zoë"}' }]);
  }
});
