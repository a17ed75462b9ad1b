import { get } from "node:http";
import { type BenchServer, type Figure, round } from "./harness.ts";

/** All of the log as CSV: how long, and how much the server's memory grows meanwhile. */
export async function benchExport(server: BenchServer, from: string, rows: string): Promise<Figure[]> {
  const before = server.memoryMb();
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, server.memoryMb());
  }, 50);
  const started = performance.now();
  const lines = await countLines(server, `${server.base}/events/export?format=csv&from=${from}`);
  const seconds = (performance.now() - started) / 1_000;
  clearInterval(watch);
  return [
    {
      what: `export of ${rows} events as CSV (${lines} lines)`,
      measured: `${round(seconds)} s`,
      wanted: "30 s",
      met: seconds < 30,
    },
    {
      what: "… growth of the server's memory",
      measured: `${most - before} MB (from ${before} MB)`,
      wanted: "100 MB",
      met: most - before < 100,
    },
  ];
}

function countLines(server: BenchServer, url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get(url, { headers: { authorization: `Bearer ${server.key}` } }, (response) => {
      let lines = 0;
      response.on("data", (chunk: Buffer) => {
        for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines++;
      });
      response.on("end", () =>
        response.statusCode === 200 ? resolve(lines) : reject(new Error(`answered ${response.statusCode}`)),
      );
      response.on("error", reject);
    }).on("error", reject);
  });
}
