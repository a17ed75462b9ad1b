import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { sealPast, splitHot } from "@daybook/server/record/partitions.ts";
import { rollUp } from "@daybook/server/record/search/roll-up.ts";
import { benchConsole } from "./console.ts";
import { benchDisk } from "./disk.ts";
import { benchExport } from "./export.ts";
import { type BenchServer, type Figure, machine, round, startServer } from "./harness.ts";
import { benchIngest, postFile, writeEvents } from "./ingest.ts";
import { benchLive } from "./live.ts";
import { benchMail } from "./mail.ts";
import { fillMails, timeMailPages } from "./mail-pages.ts";
import { benchSchedules } from "./schedules.ts";
import { benchWords, pageFigures, type SearchTimes, timePages } from "./search.ts";
import { benchSingle } from "./single.ts";
import { benchTaskLines } from "./task-lines.ts";
import { fillTasks, timeTaskPages } from "./task-pages.ts";
import { benchTasks, handlersFile } from "./tasks.ts";

const usage = `Measures Daybook on this machine, each figure in the same run as its yardstick.

  npm run bench -- [--events N] [--small N] [--large N] [--only ingest,single,live,tasks,task-pages,mail,mail-pages,search,console] [--no-write]

  --events N   events of the ingest run (default 300000)
  --tasks N    tasks through the queue (default 5000)
  --mails N    mails by template to a mail server (default 4000)
  --mail-rows N  mails that lie in the tables for their pages (default 5000000; some 10 minutes and 8 GB of disk)
  --task-rows N  tasks that lie in the tables for their pages (default 10000000; some 15 minutes and 12 GB of disk)
  --small N    events of the first search run (default 1000000)
  --large N    events of the second search run (default 10000000; some 20 minutes and 15 GB of disk)
  --only LIST  parts to run
  --no-write   print only; without it the result goes to bench/results/`;

const { values } = parseArgs({
  options: {
    events: { type: "string", default: "300000" },
    tasks: { type: "string", default: "5000" },
    mails: { type: "string", default: "4000" },
    "mail-rows": { type: "string", default: "5000000" },
    "task-rows": { type: "string", default: "10000000" },
    small: { type: "string", default: "1000000" },
    large: { type: "string", default: "10000000" },
    only: { type: "string", default: "ingest,single,live,tasks,task-pages,mail,mail-pages,search,console" },
    "no-write": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const parts = new Set(values.only.split(","));
const figures: Figure[] = [];

function report(more: Figure[]): void {
  for (const figure of more) {
    figures.push(figure);
    const { what, measured, wanted, met } = figure;
    if (wanted === undefined) console.log(`         ${what}: ${measured}`);
    else console.log(`${met ? "met    " : "NOT MET"}  ${what}: ${measured} (wanted: ${wanted})`);
  }
}

if (parts.has("ingest")) {
  const server = await startServer();
  report(await benchIngest(server, Number(values.events)));
  await server.stop();
}
if (parts.has("single") || parts.has("live")) {
  const server = await startServer();
  await new Promise((next) => setTimeout(next, 5_000));
  const rest = server.memoryMb();
  report([
    { what: "server process at rest (PostgreSQL apart)", measured: `${rest} MB`, wanted: "180 MB", met: rest < 180 },
  ]);
  if (parts.has("single")) report(await benchSingle(server, 15));
  if (parts.has("live")) report(await benchLive(server, 200, 60));
  await server.stop();
}
if (parts.has("tasks")) {
  const server = await startServer({ env: { DAYBOOK_HANDLERS_FILE: handlersFile } });
  report(await benchTasks(server, Number(values.tasks)));
  report(await benchTaskLines(server, 50, 20));
  report(await benchSchedules(server, 10_000));
  await server.stop();
}
if (parts.has("task-pages")) {
  const server = await startServer();
  await fillTasks(server, Number(values["task-rows"]));
  report(await timeTaskPages(server, `${named(Number(values["task-rows"]))} tasks`));
  await server.stop();
}
if (parts.has("mail")) report(await benchMail(Number(values.mails)));
if (parts.has("mail-pages")) {
  const server = await startServer();
  await fillMails(server, Number(values["mail-rows"]));
  report(await timeMailPages(server, `${named(Number(values["mail-rows"]))} mails`));
  await server.stop();
}
if (parts.has("console")) await benchScreens(Number(values.small));
if (parts.has("search")) await benchSizes();
if (!values["no-write"]) write();

/** The console in a browser, on a log of the first size. */
async function benchScreens(size: number): Promise<void> {
  const server = await startServer();
  await fill(server, size, 31);
  await benchConsole(server, named(size), report);
  await server.stop();
}

/** Fills a log of the first size and one of the second, and asks the same of both. */
async function benchSizes(): Promise<void> {
  const small = Number(values.small);
  const large = Number(values.large);
  const first = await benchSize(small, async (server) => {
    report(await benchExport(server, "2000-01-01T00:00:00Z", named(small)));
    report(benchVerify(server));
  });
  if (large <= small) return;
  const second = await benchSize(large);
  const growth = round(second.p50 / first.p50, 2);
  report([
    {
      what: `growth of the page's p50 from ${named(small)} to ${named(large)}`,
      measured: `${growth}×`,
      wanted: "2×",
      met: growth < 2,
    },
  ]);
}

async function benchSize(size: number, more?: (server: BenchServer) => Promise<void>): Promise<SearchTimes> {
  const server = await startServer();
  await fill(server, size, 31);
  const times = await timePages(server);
  report(pageFigures(named(size), times));
  console.table(times.byQuestion.slice(0, 12));
  report(await benchWords(server, '"T-99987"'));
  report(await benchDisk(server));
  await more?.(server);
  await server.stop();
  return times;
}

/** `daybook verify` as an operator runs it, start of the process included. */
function benchVerify(server: BenchServer): Figure[] {
  const started = performance.now();
  const { ok, events } = JSON.parse(server.run("verify", "--json")) as { ok: boolean; events: number };
  const rate = events / ((performance.now() - started) / 1_000);
  const measured = `${Math.round(rate)} events/s, ${ok ? "no fault" : "FAULT"}`;
  return [{ what: "daybook verify", measured, wanted: "100,000 events/s", met: ok && rate >= 100_000 }];
}

/** Posts events over the last 90 days in pieces, then does what house-keeping does: split, seal, roll up. */
async function fill(server: BenchServer, events: number, seed: number): Promise<void> {
  const piece = 1_000_000;
  const path = join(tmpdir(), `daybook-bench-${process.pid}.ndjson`);
  for (let done = 0; done < events; done += piece) {
    const count = Math.min(piece, events - done);
    await writeEvents(path, count, 90, seed + done / piece);
    const rate = await postFile(server, path, count);
    console.log(`         ${named(done + count)} events posted, the last at ${Math.round(rate)}/s`);
  }
  const now = Date.now();
  await splitHot(server.ownerDb, now);
  await sealPast(server.ownerDb, now + 20 * 60_000);
  const { rows } = await server.ownerDb.query<{ id: number }>("select id from workspace where slug = 'main'");
  await rollUp(server.ownerDb, rows[0]?.id ?? 0);
  await server.ownerDb.query("vacuum (analyze)");
}

function named(count: number): string {
  return count >= 1_000_000 ? `${round(count / 1_000_000, 2)} M` : count.toLocaleString("en");
}

function write(): void {
  const facts = machine();
  const lines = [
    `# Bench of ${facts.date?.slice(0, 16).replace("T", " ")} UTC`,
    "",
    `Commit ${facts.commit}; ${facts.cpu}, ${facts.memory}; Node ${facts.node}; embedded PostgreSQL 18, every commit durable.`,
    `Command: \`npm run bench -- --events ${values.events} --small ${values.small} --large ${values.large} --only ${values.only}\``,
    "",
    "| what | measured | wanted | met |",
    "|---|---|---|---|",
    ...figures.map(
      (figure) =>
        `| ${figure.what} | ${figure.measured} | ${figure.wanted ?? ""} | ${figure.wanted === undefined ? "" : figure.met ? "yes" : "**no**"} |`,
    ),
    "",
  ];
  mkdirSync("bench/results", { recursive: true });
  const name = `bench/results/${facts.date?.slice(0, 16).replace(/[T:]/g, "-")}.md`;
  writeFileSync(name, lines.join("\n"));
  console.log(`written to ${name}`);
}
