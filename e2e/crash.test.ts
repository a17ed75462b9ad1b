import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { configWith } from "@daybook/server/config.ts";
import { openEmbedded } from "@daybook/server/db/embedded.ts";
import { openPools } from "@daybook/server/db/pool.ts";
import { newId } from "@daybook/server/record/event-id.ts";
import { type RunningDaybook, runDaybook, startDaybook } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

/** Kills, one a round, of the server, of PostgreSQL's first process, of one of its backends. */
const ROUNDS = 50;
const WRITERS = 8;

let data: string;
let env: Record<string, string>;
let key: string;
let server: RunningDaybook;
/** What was acknowledged: id → seq. */
const acknowledged = new Map<string, number>();
let stopped = false;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), "daybook-crash-"));
  chmodSync(data, 0o755); // So that PostgreSQL, as its own user, can live in it.
  env = { DAYBOOK_DATA: data, DAYBOOK_REQUESTS_PER_MINUTE: "0" };
  server = await startDaybook({ env });
  const made = await runDaybook(["keys", "create", "--name", "crash", "--scope", "events:write", "--json"], { env });
  key = (JSON.parse(made.out) as { key: string }).key;
}, 60_000);

afterAll(async () => {
  stopped = true;
  if (server.child.exitCode === null && server.child.signalCode === null) await server.stop();
  rmSync(data, { recursive: true, force: true });
});

/** Goes on sending until told to stop; whatever is answered with 201 or 200 was acknowledged. */
async function write(writer: number): Promise<void> {
  while (!stopped) {
    const ids = Array.from({ length: writer % 2 === 0 ? 1 : 20 }, () => newId(Date.now()));
    const events = ids.map((id) => ({
      id,
      action: "server.created",
      actor: { type: "system", id: `writer-${writer}` },
    }));
    // An unanswered request is sent again with the same ids, as a client should.
    for (let answered = false; !answered && !stopped; ) {
      const items = await send(events).catch(() => undefined);
      if (items === undefined) await new Promise((next) => setTimeout(next, 30));
      else {
        answered = true;
        for (const { id, seq } of items) acknowledged.set(id, seq);
      }
    }
  }
}

async function send(events: object[]): Promise<{ id: string; seq: number }[] | undefined> {
  const response = await fetch(`${server.address}/api/v1/events`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify(events),
    signal: AbortSignal.timeout(20_000),
  });
  const body = (await response.json()) as { items?: { id: string; seq: number }[] };
  return response.ok ? body.items : undefined;
}

function postmaster(): number {
  return Number.parseInt(readFileSync(join(data, "pg18", "postmaster.pid"), "utf8"), 10);
}

function killBackend(): void {
  // It has none just after a kill of the whole PostgreSQL: ps then ends with 1 and there is nothing to kill.
  const children = spawnSync("ps", ["-o", "pid=,args=", "--ppid", `${postmaster()}`], { encoding: "utf8" });
  const backend = children.stdout.split("\n").find((line) => /daybook_app|daybook daybook/.test(line)) ?? "";
  const pid = Number.parseInt(backend, 10);
  if (pid > 0) process.kill(pid, "SIGKILL");
}

/** Waits until something more than `before` is acknowledged. */
async function progress(before: number): Promise<void> {
  const until = Date.now() + 60_000;
  while (acknowledged.size <= before) {
    if (Date.now() > until)
      throw new Error(`nothing was acknowledged for a minute:\n${server.output.err.slice(-3000)}`);
    await new Promise((next) => setTimeout(next, 10));
  }
}

test("kill -9 at random moments under load loses nothing that was acknowledged and doubles nothing", async () => {
  const writers = Array.from({ length: WRITERS }, (_, writer) => write(writer));
  for (let round = 0; round < ROUNDS; round++) {
    await progress(acknowledged.size);
    await new Promise((next) => setTimeout(next, Math.random() * 300));
    const before = acknowledged.size;
    const victim = round % 3;
    if (victim === 0) {
      await server.kill();
      server = await startDaybook({ env });
    } else if (victim === 1) {
      process.kill(postmaster(), "SIGKILL");
    } else killBackend();
    await progress(before);
  }
  stopped = true;
  await Promise.all(writers);
  await server.stop();

  const embedded = await openEmbedded(configWith({ data }), () => {});
  const { db, ownerDb } = openPools(embedded.url, 2);
  try {
    const { rows } = await ownerDb.query<{ id: string; seq: number }>("select id, seq from event order by seq");
    const stored = new Map(rows.map((row) => [row.id, row.seq]));
    expect(stored.size, "an id is stored twice").toBe(rows.length);
    expect(
      rows.every((row, index) => row.seq === index + 1),
      "seq has a gap",
    ).toBe(true);
    const lost = [...acknowledged].filter(([id, seq]) => stored.get(id) !== seq);
    expect(lost, "acknowledged, but not there with its seq").toEqual([]);
    expect(acknowledged.size).toBeGreaterThan(ROUNDS * 10);
  } finally {
    await Promise.all([db.end(), ownerDb.end()]);
    await embedded.close();
  }
  const verified = await runDaybook(["verify", "--json"], { env });
  expect(verified.code, verified.out + verified.err).toBe(0);
  expect(JSON.parse(verified.out)).toMatchObject({ ok: true });
}, 600_000);
