import { fileURLToPath } from "node:url";
import { PgBoss } from "pg-boss";
import { type BenchServer, type Figure, percentile, round } from "./harness.ts";

export const handlersFile = fileURLToPath(new URL("task-handlers.ts", import.meta.url));
const CONCURRENCY = 20;
const SENDERS = 32;

/** Tasks with record, lines and events through Daybook's queue, against bare pg-boss with the same settings on the same database. */
export async function benchTasks(server: BenchServer, count: number): Promise<Figure[]> {
  const bare = await bareRate(server, count);
  const ours = await taskRate(server, count);
  const share = ours / bare;
  const latency = await startLatency(server, 600);
  return [
    {
      what: `tasks through the queue, ${count.toLocaleString("en")} with two lines each, over HTTP`,
      measured: `${Math.round(ours)}/s`,
      wanted: "500/s",
      met: ours >= 500,
    },
    {
      what: `… as a share of bare pg-boss (${Math.round(bare)}/s, no record, lines, events or HTTP)`,
      measured: `${round(share, 2)}`,
      wanted: "0.3",
      met: share >= 0.3,
    },
    {
      what: "enqueue to start at 20 tasks/s, p50 / p99",
      measured: `${latency.p50} / ${latency.p99} ms`,
      wanted: "20 / 100 ms",
      met: latency.p50 < 20 && latency.p99 < 100,
    },
  ];
}

/** Jobs a second from the first `send` until the last is completed. */
async function bareRate(server: BenchServer, count: number): Promise<number> {
  const { user, password, host, port, database } = server.ownerDb.options;
  const boss = new PgBoss({
    ...{
      user: user ?? "",
      password: password as string,
      host: host ?? "",
      port: port ?? 5432,
      database: database ?? "",
    },
    ...(server.ownerDb.options.connectionString ? { connectionString: server.ownerDb.options.connectionString } : {}),
    schema: "pgboss",
    schedule: false,
    supervise: false,
    max: 12,
    useListenNotify: true,
  });
  boss.on("error", () => {});
  await boss.start();
  const queue = "bare-bench";
  await boss.createQueue(queue, { retryLimit: 0, heartbeatSeconds: 10, notify: true });
  let done = 0;
  const all = Promise.withResolvers<void>();
  await boss.work(
    queue,
    {
      batchSize: CONCURRENCY,
      burstWhenBatchFull: true,
      pollingIntervalSeconds: 0.5,
      notifyPollingIntervalSeconds: 0.5,
    },
    async (jobs) => {
      done += jobs.length;
      if (done === count) all.resolve();
    },
  );
  const started = performance.now();
  await inParallel(count, (n) => boss.send(queue, { n }));
  await all.promise;
  const rate = count / ((performance.now() - started) / 1_000);
  await boss.stop({ graceful: false });
  return rate;
}

/** Tasks a second from the first POST until the last is completed and its events are in the log. */
async function taskRate(server: BenchServer, count: number): Promise<number> {
  const started = performance.now();
  await inParallel(count, (n) => post(server, n));
  await until(server, "select count(*) as left from task where status < 2");
  const rate = count / ((performance.now() - started) / 1_000);
  await until(server, "select count(*) as left from task_happening where not told");
  const told = performance.now() - started;
  console.log(
    `         the last event was told ${round((told - (count / rate) * 1_000) / 1_000, 2)} s after the last task`,
  );
  const { rows } = await server.db.query<{ failed: number }>("select count(*) as failed from task where status <> 2");
  if (Number(rows[0]?.failed) > 0) throw new Error(`${rows[0]?.failed} tasks did not complete`);
  return count / (told / 1_000);
}

async function startLatency(server: BenchServer, count: number): Promise<{ p50: number; p99: number }> {
  const ids: string[] = [];
  for (let n = 0; n < count; n++) {
    ids.push(await post(server, n));
    await new Promise((next) => setTimeout(next, 50));
  }
  await until(server, "select count(*) as left from task where status < 2");
  const { rows } = await server.db.query<{ ms: number }>(
    "select (extract(epoch from started_at - queued_at) * 1000)::float8 as ms from task where id = any($1::uuid[])",
    [ids],
  );
  const times = rows.map((row) => row.ms);
  return { p50: round(percentile(times, 0.5)), p99: round(percentile(times, 0.99)) };
}

async function post(server: BenchServer, n: number): Promise<string> {
  const response = await fetch(`${server.base}/tasks`, {
    method: "POST",
    headers: { authorization: `Bearer ${server.key}`, "content-type": "application/json" },
    body: JSON.stringify({ type: "bench.job", payload: { n }, targets: [{ type: "server", id: `srv-${n % 500}` }] }),
  });
  if (response.status !== 201) throw new Error(`a task was refused: ${await response.text()}`);
  return ((await response.json()) as { id: string }).id;
}

async function inParallel(count: number, work: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: SENDERS }, async () => {
      while (next < count) await work(next++);
    }),
  );
}

async function until(server: BenchServer, none: string): Promise<void> {
  for (;;) {
    const { rows } = await server.db.query<{ left: number }>(none);
    if (Number(rows[0]?.left) === 0) return;
    await new Promise((next) => setTimeout(next, 20));
  }
}
