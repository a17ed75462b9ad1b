import { Agent, request } from "node:http";
import { benchEvents } from "./bench-events.ts";
import { type BenchServer, type Figure, percentile, round } from "./harness.ts";

const CONNECTIONS = 64;

/** Single-event posts: as many as 64 connections can get answered, then 500 a second offered, and how long each takes. */
export async function benchSingle(server: BenchServer, seconds: number): Promise<Figure[]> {
  const rate = await closedLoop(server, seconds);
  const waits = await openLoop(server, 500, seconds);
  const [p50, p99] = [percentile(waits, 0.5), percentile(waits, 0.99)];
  return [
    {
      what: `single-event posts, ${CONNECTIONS} connections`,
      measured: `${Math.round(rate)}/s`,
      wanted: "3,000/s",
      met: rate >= 3_000,
    },
    { what: "… at 500/s offered, p50", measured: `${round(p50)} ms`, wanted: "8 ms", met: p50 < 8 },
    { what: "… at 500/s offered, p99", measured: `${round(p99)} ms`, wanted: "30 ms", met: p99 < 30 },
  ];
}

function bodies(count: number, seed: number): string[] {
  const now = Date.now();
  return [...benchEvents(count, { startMs: now - 60_000, endMs: now, seed })].map((event) => JSON.stringify(event));
}

async function closedLoop(server: BenchServer, seconds: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const waiting = bodies(seconds * 8_000, 11);
  const until = performance.now() + seconds * 1_000;
  let answered = 0;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      for (let body = waiting.pop(); body !== undefined && performance.now() < until; body = waiting.pop()) {
        await post(server, agent, body);
        answered++;
      }
    }),
  );
  const rate = (answered / (performance.now() - started)) * 1_000;
  agent.destroy();
  return rate;
}

/** Sends on a fixed beat whatever the answers do, so that a stall counts against every request it delays. */
async function openLoop(server: BenchServer, perSecond: number, seconds: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const waits: number[] = [];
  const underWay: Promise<void>[] = [];
  const started = performance.now();
  for (const [index, body] of bodies(perSecond * seconds, 12).entries()) {
    const due = started + (index * 1_000) / perSecond;
    while (performance.now() < due)
      await new Promise((next) => setTimeout(next, Math.max(0, due - performance.now() - 0.5)));
    underWay.push(
      post(server, agent, body).then(() => {
        waits.push(performance.now() - due);
      }),
    );
  }
  await Promise.all(underWay);
  agent.destroy();
  return waits;
}

function post(server: BenchServer, agent: Agent, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const sending = request(
      `${server.base}/events`,
      {
        method: "POST",
        agent,
        headers: {
          authorization: `Bearer ${server.key}`,
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
        },
      },
      (response) => {
        response.resume();
        response.on("end", () =>
          response.statusCode === 201 ? resolve() : reject(new Error(`answered ${response.statusCode}`)),
        );
      },
    );
    sending.on("error", reject);
    sending.end(body);
  });
}
