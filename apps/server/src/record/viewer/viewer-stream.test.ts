import type { AddressInfo } from "node:net";
import type { EventInput, ViewerEvent } from "@daybook/contract";
import { apiKey } from "@daybook/testkit/access.ts";
import { type TestApp, testApp } from "@daybook/testkit/app.ts";
import { afterAll, beforeAll, expect, test } from "vitest";

let server: TestApp;
let base: string;
let headers: { authorization: string };

beforeAll(async () => {
  server = await testApp();
  await server.app.listen({ port: 0 });
  base = `http://127.0.0.1:${(server.app.server.address() as AddressInfo).port}/api/v1`;
  headers = (await apiKey(server.deps)).headers;
});

afterAll(() => server.close());

async function mint(ownerId: string): Promise<{ id: string; token: string }> {
  const body = JSON.stringify({ scope: { ownerId }, minutes: 5 });
  const reply = await fetch(`${base}/viewer-tokens`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body,
  });
  return (await reply.json()) as { id: string; token: string };
}

const restart = (ownerId: string, name: string): EventInput => ({
  action: "server.power.restart",
  actor: { type: "staff", id: "r-1", name: "Rita" },
  targets: [{ type: "server", id: `srv-${name}`, name, ownerId }],
});
const write = (...events: EventInput[]): Promise<unknown> => server.deps.record.write(server.workspaceId, events);

interface Stream {
  take(count: number): Promise<ViewerEvent[]>;
  text(): string;
  lastId(): string;
  ended(): Promise<boolean>;
  close(): void;
}

async function open(query: string): Promise<Stream> {
  const stop = new AbortController();
  const response = await fetch(`${base}/viewer/events/stream?${query}`, { signal: stop.signal });
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = "";
  const messages = (): string[] => text.split("\n\n").slice(0, -1);
  const data = (): ViewerEvent[] =>
    messages().flatMap((message) => {
      const line = /^data: (.*)$/m.exec(message)?.[1];
      return line === undefined ? [] : [JSON.parse(line) as ViewerEvent];
    });
  const more = async (): Promise<boolean> => {
    const { value, done } = await reader.read();
    if (!done) text += decoder.decode(value, { stream: true });
    return !done;
  };
  return {
    take: async (count) => {
      while (data().length < count) if (!(await more())) throw new Error("the stream ended");
      return data();
    },
    text: () => text,
    lastId: () => [...text.matchAll(/^id: (.*)$/gm)].at(-1)?.[1] ?? "",
    ended: async () => {
      while (await more());
      return true;
    },
    close: () => stop.abort(),
  };
}

test("a customer's stream has their own events, as the list shows them, and nothing of others'", async () => {
  const { token } = await mint("77");
  const stream = await open(`token=${token}`);
  await write(restart("88", "foreign"), restart("77", "one"), restart("88", "foreign"), restart("77", "two"));
  const events = await stream.take(2);
  stream.close();
  expect(events.map((event) => event.summary)).toEqual(["Support restarted one", "Support restarted two"]);
  expect(stream.text()).not.toMatch(/foreign|rita|"seq"/i);
  const list = await fetch(`${base}/viewer/events?limit=2&order=desc`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(((await list.json()) as { items: ViewerEvent[] }).items.reverse()).toEqual(events);
});

test("the ids tell no place in the log, and resume without a gap, but only with the token they were made for", async () => {
  const { token } = await mint("77");
  const first = await open(`token=${token}`);
  await write(restart("77", "three"));
  await first.take(1);
  first.close();
  const id = first.lastId();
  expect(id).toMatch(/^[A-Za-z0-9_-]{100,}$/);
  await write(restart("88", "foreign"), restart("77", "four"));
  const resumed = await open(`token=${token}&lastEventId=${id}`);
  expect((await resumed.take(1)).map((event) => event.targets[0]?.name)).toEqual(["four"]);
  resumed.close();
  const other = await mint("88");
  await expect(open(`token=${other.token}&lastEventId=${id}`)).rejects.toThrow("400");
  await expect(open(`token=${token}&lastEventId=1`)).rejects.toThrow("400");
  await expect(open(`token=${token.slice(0, -1)}`)).rejects.toThrow("401");
});

test("a query on a stream is asked of what is shown", async () => {
  const { token } = await mint("77");
  const stream = await open(`token=${token}&q=${encodeURIComponent("-rita -actor:rita actor:support restarted")}`);
  const none = await open(`token=${token}&q=rita`);
  await write(restart("77", "five"));
  expect((await stream.take(1)).length).toBe(1);
  stream.close();
  await write({ ...restart("77", "rita-box"), actor: { type: "system" } });
  expect((await none.take(1)).map((event) => event.targets[0]?.name)).toEqual(["rita-box"]);
  none.close();
});

test("a stream ends soon after its token was revoked", async () => {
  const { id, token } = await mint("77");
  const stream = await open(`token=${token}`);
  await fetch(`${base}/viewer-tokens/${id}`, { method: "DELETE", headers });
  expect(await stream.ended()).toBe(true);
}, 20_000);

test("one token keeps only so many streams open", async () => {
  const { token } = await mint("77");
  const streams: Stream[] = [];
  for (let count = 0; count < 8; count++) streams.push(await open(`token=${token}`));
  await expect(open(`token=${token}`)).rejects.toThrow("429");
  for (const stream of streams) stream.close();
});
