import { get, type IncomingMessage } from "node:http";
import { type BenchServer, type Figure, percentile, round } from "./harness.ts";

const RATE = 1_000;
const BATCHES_A_SECOND = 20;
const BURST = 40_000;
const BURST_BATCH = 5_000;

/** Lines of one running task: a steady stream to many viewers, and a burst. */
export async function benchTaskLines(server: BenchServer, viewers: number, seconds: number): Promise<Figure[]> {
  return [...(await steady(server, viewers, seconds)), ...(await burst(server, viewers))];
}

/** From the sending of a batch until each viewer has its lines. */
async function steady(server: BenchServer, viewers: number, seconds: number): Promise<Figure[]> {
  const task = await running(server, "Write lines at a steady rate");
  const sent: number[] = [];
  const waits: number[] = [];
  const onLine = (n: number, at: number): void => {
    const started = sent[n];
    if (started !== undefined) waits.push(at - started);
  };
  const streams = await Promise.all(Array.from({ length: viewers }, () => follow(server, task, onLine)));
  const size = RATE / BATCHES_A_SECOND;
  const answers: Promise<unknown>[] = [];
  const began = performance.now();
  for (let batch = 0; batch < seconds * BATCHES_A_SECOND; batch++) {
    const due = began + (batch * 1_000) / BATCHES_A_SECOND;
    await new Promise((next) => setTimeout(next, Math.max(0, due - performance.now())));
    const from = batch * size;
    for (let n = from; n < from + size; n++) sent[n] = performance.now();
    answers.push(send(server, task, from, size));
  }
  await Promise.all(answers);
  await until(() => waits.length >= sent.length * viewers, 10_000);
  for (const stream of streams) stream.destroy();
  const missing = sent.length * viewers - waits.length;
  const [p50, p99] = [percentile(waits, 0.5), percentile(waits, 0.99)];
  return [
    {
      what: `${RATE.toLocaleString("en")} lines/s of a task to ${viewers} viewers, ${seconds} s, from sending to receipt, p50 / p99`,
      measured: `${round(p50)} / ${round(p99)} ms${missing > 0 ? `, ${missing} MISSING` : ""}`,
      wanted: "p99 300 ms",
      met: p99 < 300 && missing === 0,
    },
  ];
}

/** 40,000 lines as fast as they are taken: until they are stored, and until every viewer has the last one. */
async function burst(server: BenchServer, viewers: number): Promise<Figure[]> {
  const task = await running(server, "Write lines in a burst");
  let arrived = 0;
  const onLine = (): void => {
    arrived++;
  };
  const streams = await Promise.all(Array.from({ length: viewers }, () => follow(server, task, onLine)));
  const began = performance.now();
  for (let from = 0; from < BURST; from += BURST_BATCH) await send(server, task, from, BURST_BATCH);
  const stored = performance.now() - began;
  await until(() => arrived >= BURST * viewers, 60_000);
  const seen = performance.now() - began;
  for (const stream of streams) stream.destroy();
  const missing = BURST * viewers - arrived;
  return [
    {
      what: `a burst of ${BURST.toLocaleString("en")} lines, until stored / until ${viewers} viewers have them`,
      measured: `${round(stored / 1_000, 2)} / ${round(seen / 1_000, 2)} s${missing > 0 ? `, ${missing} MISSING` : ""}`,
      wanted: "5 / 10 s",
      met: stored < 5_000 && seen < 10_000 && missing === 0,
    },
  ];
}

async function running(server: BenchServer, title: string): Promise<string> {
  const task = { type: "bench.lines", title, status: "running" };
  return ((await call(server, "/tasks", task)) as { id: string }).id;
}

function send(server: BenchServer, task: string, from: number, count: number): Promise<unknown> {
  const lines = Array.from({ length: count }, (_, index) => ({
    stream: (from + index) % 10 === 0 ? "err" : "out",
    text: `[${from + index}] \u001b[36mstep\u001b[0m copied block ${from + index} of the image, 64 KiB, checksum ok`,
  }));
  return call(server, `/tasks/${task}/lines`, { from, lines });
}

async function call(server: BenchServer, path: string, body: object): Promise<unknown> {
  const response = await fetch(`${server.base}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${server.key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** Opens a task's stream; each line is told with the time at which it arrived. */
function follow(server: BenchServer, task: string, onLine: (n: number, at: number) => void): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${server.key}` };
    const asking = get(`${server.base}/tasks/${task}/stream?after=-1`, { headers, agent: false }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`the stream was refused: ${response.statusCode}`));
      let rest = "";
      response.setEncoding("latin1");
      response.on("data", (chunk: string) => {
        const at = performance.now();
        rest += chunk;
        const end = rest.lastIndexOf('"n":');
        if (end < 0) return;
        // The last number may be cut in its middle; it waits for the next piece unless a comma ends it.
        const whole = rest.indexOf(",", end) < 0 ? end : rest.length;
        for (const [, n] of rest.slice(0, whole).matchAll(/"n":(\d+),/g)) onLine(Number(n), at);
        rest = whole === rest.length ? rest.slice(-3) : rest.slice(end);
      });
      resolve(response);
    });
    asking.on("error", reject);
  });
}

async function until(test: () => boolean, ms: number): Promise<void> {
  const deadline = performance.now() + ms;
  while (!test() && performance.now() < deadline) await new Promise((next) => setTimeout(next, 5));
}
