import { scheduleInputSchema } from "@daybook/contract";
import { type BenchServer, type Figure, round } from "./harness.ts";

/** Many schedules that are due at the same minute: from the minute until all have their run and its task. */
export async function benchSchedules(server: BenchServer, count: number): Promise<Figure[]> {
  const settings = scheduleInputSchema.parse({ cron: "* * * * *", task: { type: "db.backup", payload: { keep: 7 } } });
  const { rows } = await server.ownerDb.query<{ due: Date }>(
    `insert into schedule (workspace_id, name, kind, source, settings, created_at, next_run_at, start_at)
     select (select min(id) from workspace), 'backup-' || n, 0, 'api', $1, now(), due, due
       from generate_series(1, $2::int) as n, (select date_trunc('minute', now() + interval '65 seconds') as due) as minute
     returning next_run_at as due`,
    [JSON.stringify(settings), count],
  );
  await server.ownerDb.query("analyze schedule");
  const dueMs = rows[0]?.due.getTime() ?? Date.now();
  await new Promise((next) => setTimeout(next, Math.max(0, dueMs - Date.now())));
  let tookMs = 0;
  for (let made = 0; made < count && Date.now() < dueMs + 30_000; ) {
    const found = await server.ownerDb.query<{ made: number }>(
      // Run, task and the step of the schedule are one transaction; this is the cheapest of them to count.
      "select count(*)::int as made from schedule where name like 'backup-%' and next_run_at > $1",
      [new Date(dueMs)],
    );
    made = found.rows[0]?.made ?? 0;
    tookMs = made < count ? Number.POSITIVE_INFINITY : Date.now() - dueMs;
    if (made < count) await new Promise((next) => setTimeout(next, 100));
  }
  await server.ownerDb.query("delete from schedule where name like 'backup-%'");
  return [
    {
      what: `${count.toLocaleString("en")} schedules of the same minute, until each has its run and task`,
      measured: `${round(tookMs / 1_000, 2)} s`,
      wanted: "2 s",
      met: tookMs < 2_000,
    },
  ];
}
