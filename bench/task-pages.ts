import { createTaskPartitions } from "@daybook/server/tasks/partitions.ts";
import { type BenchServer, type Figure, percentile, round } from "./harness.ts";

const DAY_MS = 86_400_000;
const DAYS = 90;
const PIECE = 500_000;
const ROUNDS = 12;

/** Filters as people use them on the Tasks screen; `{n}` is another number in each round. */
const questions = [
  "",
  "status=failed",
  "status=pending,running",
  "status=failed&type=instance.deploy",
  "type=instance.backup",
  "type=instance.*&status=failed",
  "user={n}",
  "user={n}&status=completed",
  "node=hv-{n}",
  "target=server/srv-{n}",
  "schedule=nightly-{n}",
  "q=image-4{n}7",
  "q=disk+full&status=failed",
  "status=completed&node=hv-{n}",
];

/** Fills the tables of tasks with so many tasks of the last 90 days, one in fifty failed, and the counts of their hours. */
export async function fillTasks(server: BenchServer, count: number): Promise<void> {
  const db = server.ownerDb;
  const now = Date.now();
  for (let back = 4; back >= 0; back--) await createTaskPartitions(db, now - back * 30 * DAY_MS);
  const { rows } = await db.query<{ id: number }>("select id from workspace where slug = 'main'");
  const workspaceId = rows[0]?.id ?? 0;
  // The indexes of words and targets are built at the end: a hundred million entries one by one take an hour.
  await db.query("drop index task_text_body, task_targets");
  for (let first = 0; first < count; first += PIECE) {
    const last = Math.min(count, first + PIECE) - 1;
    await db.query(
      `with made as (
         select n, $2::bigint + (n::numeric / $3 * ${DAYS * DAY_MS})::bigint as ms,
           (array['instance.backup','instance.deploy','instance.migrate','instance.resize','image.import'])[1 + n % 5] as type,
           case when n % 50 = 0 then 3 when n % 997 = 0 then 4 else 2 end as status from generate_series($4::int, $5::int) as n),
       named as (
         select *, (lpad(to_hex(ms), 12, '0') || '7' || lpad(to_hex(n % 4096), 3, '0') || '8' || lpad(to_hex(n / 4096), 15, '0'))::uuid as id
         from made),
       words as (
         insert into task_text (workspace_id, task_id, body)
         select $1, id, type || ' srv-' || n % 50000 || ' hv-' || n % 200 || ' image-' || n % 90000
           || case when status = 3 then ' disk full on hv-' || n % 200 else '' end from named)
       insert into task (workspace_id, id, type, title, status, executor, progress, happenings, queued_at, started_at, finished_at, node,
         user_id, user_name, schedule_name, target_keys, targets, payload, error)
       select $1, id, type, type || ': srv-' || n % 50000, status, 0, 100, 3, to_timestamp(ms / 1000.0), to_timestamp(ms / 1000.0 + 1),
         to_timestamp(ms / 1000.0 + 1 + n % 300), 'hv-' || n % 200, (n % 20000)::text, 'User ' || n % 20000,
         case when n % 5 = 0 then 'nightly-' || n % 300 end, array['server/srv-' || n % 50000],
         jsonb_build_array(jsonb_build_object('type', 'server', 'id', 'srv-' || n % 50000)), jsonb_build_object('image', 'image-' || n % 90000),
         case when status = 3 then jsonb_build_object('message', 'disk full on hv-' || n % 200, 'code', 'disk_full') end
       from named`,
      [workspaceId, now - DAYS * DAY_MS, count, first, last],
    );
    console.log(`         ${(last + 1).toLocaleString("en")} tasks stored`);
  }
  await db.query(
    `insert into task_hour (workspace_id, type, hour, finished, failed, busy_ms, durations)
     select $1, type, hour, 90, 2, 9000000, array_fill(1, array[140]) from generate_series(now() - interval '90 days', now(), interval '1 hour') as hour,
       unnest(array['instance.backup','instance.deploy','instance.migrate','instance.resize','image.import']) as type`,
    [workspaceId],
  );
  await db.query("set maintenance_work_mem = '512MB'");
  await db.query("create index task_text_body on task_text using gin (body gin_trgm_ops) with (fastupdate = on)");
  await db.query("create index task_targets on task using gin (target_keys) with (fastupdate = on)");
  await db.query("vacuum (analyze) task, task_text, task_hour");
}

/** The page of tasks over HTTP, by filters, each with its second page; and the counts of the charts. */
export async function timeTaskPages(server: BenchServer, size: string): Promise<Figure[]> {
  const times = new Map<string, number[]>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const question of questions) {
      const query = question.replaceAll("{n}", `${(round * 37 + 11) % 190}`);
      const { ms, cursor } = await timed(server, `/tasks?${query}`);
      const own = times.get(question) ?? [];
      times.set(question, own);
      if (round > 0) own.push(ms);
      if (round > 0 && cursor !== null) own.push((await timed(server, `/tasks?${query}&cursor=${cursor}`)).ms);
    }
  }
  const old: number[] = [];
  for (let round = 0; round < ROUNDS; round++) old.push((await timed(server, `/tasks?q=image-${11 + round}`)).ms);
  const stats = [];
  for (let round = 0; round < ROUNDS; round++) stats.push(await timed(server, "/tasks/stats"));
  console.table(
    [...times].map(([question, all]) => ({
      question,
      p50: round(percentile(all, 0.5)),
      p95: round(percentile(all, 0.95)),
    })),
  );
  const p95 = percentile([...times.values()].flat(), 0.95);
  const p50 = percentile([...times.values()].flat(), 0.5);
  const charts = percentile(
    stats.map(({ ms }) => ms),
    0.95,
  );
  return [
    {
      what: `page of tasks, ${size}, p95 (p50) over ${questions.length} filters`,
      measured: `${round(p95)} ms (${round(p50)} ms)`,
      wanted: "100 ms",
      met: p95 < 100,
    },
    {
      what: `charts of tasks over seven days, ${size}`,
      measured: `${round(charts)} ms`,
      wanted: "100 ms",
      met: charts < 100,
    },
  ];
}

async function timed(server: BenchServer, path: string): Promise<{ ms: number; cursor: string | null }> {
  const started = performance.now();
  const response = await fetch(`${server.base}${path}`, { headers: { authorization: `Bearer ${server.key}` } });
  const body = (await response.json()) as { nextCursor?: string | null };
  if (response.status !== 200) throw new Error(`${path}: ${JSON.stringify(body)}`);
  return { ms: performance.now() - started, cursor: body.nextCursor ?? null };
}
