import { get, type IncomingMessage } from "node:http";
import { benchEvents } from "./bench-events.ts";
import { type BenchServer, type Figure, percentile, round } from "./harness.ts";

/** From the answer to a post (the commit) until each of so many open streams has the event. */
export async function benchLive(server: BenchServer, viewers: number, posts: number): Promise<Figure[]> {
  const arrivals = new Map<number, number[]>();
  const streams = await Promise.all(Array.from({ length: viewers }, () => openStream(server, arrivals)));
  const waits: number[] = [];
  const now = Date.now();
  for (const event of benchEvents(posts, { startMs: now - 1_000, endMs: now, seed: 21 })) {
    const response = await fetch(`${server.base}/events`, {
      method: "POST",
      headers: { authorization: `Bearer ${server.key}`, "content-type": "application/json" },
      body: JSON.stringify(event),
    });
    const committed = performance.now();
    const { firstSeq } = (await response.json()) as { firstSeq: number };
    const deadline = committed + 5_000;
    while ((arrivals.get(firstSeq)?.length ?? 0) < viewers && performance.now() < deadline) {
      await new Promise((next) => setTimeout(next, 2));
    }
    const seen = arrivals.get(firstSeq) ?? [];
    if (seen.length < viewers) throw new Error(`${seen.length} of ${viewers} viewers saw event ${firstSeq}`);
    waits.push(...seen.map((at) => Math.max(0, at - committed)));
    await new Promise((next) => setTimeout(next, 50));
  }
  for (const stream of streams) stream.destroy();
  const p99 = percentile(waits, 0.99);
  return [
    {
      what: `commit to browser (SSE), ${viewers} viewers, p99`,
      measured: `${round(p99)} ms`,
      wanted: "200 ms",
      met: p99 < 200,
    },
  ];
}

function openStream(server: BenchServer, arrivals: Map<number, number[]>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asking = get(
      `${server.base}/events/stream`,
      { headers: { authorization: `Bearer ${server.key}` }, agent: false },
      (response) => {
        let rest = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          const at = performance.now();
          rest += chunk;
          const lines = rest.split("\n");
          rest = lines.pop() ?? "";
          for (const line of lines) {
            const seq = /^id: ?(\d+)/.exec(line)?.[1];
            if (seq === undefined) continue;
            const seen = arrivals.get(Number(seq)) ?? [];
            seen.push(at);
            arrivals.set(Number(seq), seen);
          }
        });
        resolve(response);
      },
    );
    asking.on("error", reject);
  });
}
