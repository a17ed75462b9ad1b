import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import {
  type RunningDaybook,
  type RunOptions,
  runDaybook,
  startDaybook as startProcess,
  temporaryDirectory,
} from "@daybook/testkit";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";

let home: string;
let data: string;

beforeEach(() => {
  home = temporaryDirectory("daybook start"); // With a space, as people's directories have.
  data = join(home, "data");
});

const running: RunningDaybook[] = [];

async function startDaybook(options: RunOptions): Promise<RunningDaybook> {
  const server = await startProcess(options);
  running.push(server);
  return server;
}

// A server that a failed test left over must not outlive it.
afterEach(async () => {
  for (const server of running.splice(0))
    if (server.child.exitCode === null && !server.child.killed) await server.stop();
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

const env = (more: Record<string, string> = {}) => ({ DAYBOOK_DATA: data, ...more });

function killPostgres(): void {
  const pid = postgresPid();
  if (pid === undefined) throw new Error("PostgreSQL does not run");
  process.kill(pid, "SIGKILL");
}

function postgresPid(): number | undefined {
  const file = join(data, "pg18", "postmaster.pid");
  return existsSync(file) ? Number.parseInt(readFileSync(file, "utf8"), 10) : undefined;
}

test("it starts from nothing, prints a setup link, serves, and ends with 0 on SIGTERM, PostgreSQL too", async () => {
  const server = await startDaybook({ env: env() });
  expect(server.output.out).toMatch(/http:\/\/127\.0\.0\.1:\d+\/setup#token=\S{20,}/);
  expect((await fetch(`${server.address}/readyz`)).status).toBe(200);
  expect(statSync(join(data, "postgres-url")).mode & 0o777).toBe(0o600);
  expect(statSync(join(data, "pg18")).mode & 0o777).toBe(0o700);
  expect(readFileSync(join(data, "pg-version"), "utf8").trim()).toBe("18");
  expect(await server.stop()).toBe(0);
  expect(postgresPid()).toBeUndefined();
  const again = await startDaybook({ env: env() });
  expect(await again.stop()).toBe(0);
});

test("a second server on the same data directory is refused, commands work beside the first", async () => {
  const server = await startDaybook({ env: env() });
  const second = await runDaybook(["start"], { env: env({ DAYBOOK_PORT: "0", DAYBOOK_BUILD_CONSOLE: "no" }) });
  expect(second.code).toBe(1);
  expect(second.err).toContain("Another Daybook server runs on");
  const added = await runDaybook(["users", "create", "--email", "a@example.org", "--role", "owner"], { env: env() });
  expect(added.out).toContain(`${server.address}/password#`);
  expect((await fetch(`${server.address}/readyz`)).status).toBe(200);
  await server.stop();
});

test("a command without a server starts PostgreSQL for itself and stops it", async () => {
  const migrated = await runDaybook(["migrate", "--json"], { env: env() });
  expect(migrated.code).toBe(0);
  expect(JSON.parse(migrated.out).migrations).toBeGreaterThan(1);
  expect(postgresPid()).toBeUndefined();
});

test("two commands at once on an empty data directory make one cluster", async () => {
  const both = await Promise.all([1, 2].map(() => runDaybook(["migrate"], { env: env() })));
  expect(both.map((run) => run.err)).toEqual(["", ""]);
  expect(postgresPid()).toBeUndefined();
});

test("after kill -9 of the server the next one takes over the PostgreSQL that runs on", async () => {
  const killed = await startDaybook({ env: env() });
  await killed.kill();
  const left = postgresPid();
  expect(left).toBeDefined();
  const next = await startDaybook({ env: env() });
  expect(postgresPid()).toBe(left);
  expect((await fetch(`${next.address}/readyz`)).status).toBe(200);
  expect(await next.stop()).toBe(0);
  expect(postgresPid()).toBeUndefined();
});

test("after kill -9 of both, the stale lock is no obstacle, even when its process id is somebody else's now", async () => {
  const killed = await startDaybook({ env: env() });
  await killed.kill();
  killPostgres();
  const lock = join(data, "pg18", "postmaster.pid");
  writeFileSync(lock, readFileSync(lock, "utf8").replace(/^\d+/, String(process.pid)));
  const next = await startDaybook({ env: env() });
  expect((await fetch(`${next.address}/readyz`)).status).toBe(200);
  expect(await next.stop()).toBe(0);
});

test("a PostgreSQL that dies under the server is started again", async () => {
  const server = await startDaybook({ env: env() });
  killPostgres();
  const deadline = Date.now() + 15_000;
  let status = 0;
  while (status !== 200 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    status = (await fetch(`${server.address}/readyz`)).status;
  }
  expect(status).toBe(200);
  expect(await server.stop()).toBe(0);
  expect(postgresPid()).toBeUndefined();
});

test("a port that is taken is said with the setting to change", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const { port } = other.address() as { port: number };
  const run = await runDaybook(["start"], { env: env({ DAYBOOK_PORT: String(port), DAYBOOK_BUILD_CONSOLE: "no" }) });
  other.close();
  expect(run.code).toBe(2);
  expect(run.err).toContain(`127.0.0.1:${port} is taken`);
  expect(run.err).toContain("DAYBOOK_PORT");
  expect(postgresPid()).toBeUndefined();
});

test("a data directory of a newer PostgreSQL is refused with what to do", async () => {
  mkdirSync(join(data, "pg99"), { recursive: true });
  writeFileSync(join(data, "pg-version"), "99\n");
  const run = await runDaybook(["migrate"], { env: env() });
  expect(run.code).toBe(1);
  expect(run.err).toContain("was written by PostgreSQL 99; this Daybook brings PostgreSQL 18");
  expect(run.err).toContain("DAYBOOK_DATA");
});

test("with DATABASE_URL there is no embedded PostgreSQL", async () => {
  const server = await startDaybook({ env: env() });
  const url = readFileSync(join(data, "postgres-url"), "utf8").trim();
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  await admin.query("create database other");
  await admin.end();
  const other = join(home, "other");
  const run = await runDaybook(["migrate", "--json"], {
    env: { DAYBOOK_DATA: other, DATABASE_URL: url.replace("/postgres?", "/other?") },
  });
  expect(run.err).toBe("");
  expect(run.code).toBe(0);
  expect(existsSync(join(other, "pg18"))).toBe(false);
  await server.stop();
});

test("a path too long for a socket works", async () => {
  data = join(home, "a".repeat(120), "data");
  const run = await runDaybook(["migrate"], { env: env() });
  expect(run.err).toBe("");
  expect(run.code).toBe(0);
});

const root = process.getuid?.() === 0;

test.runIf(root)("as an ordinary user PostgreSQL runs as that user", async () => {
  const nobody = { uid: 65534, gid: 65534 };
  chownSync(home, nobody.uid, nobody.gid);
  const server = await startDaybook({ env: env(), cwd: home, ...nobody });
  expect(statSync(join(data, "pg18")).uid).toBe(nobody.uid);
  const asRoot = await runDaybook(["migrate"], { env: env() });
  expect(asRoot.err).toBe("");
  expect(await server.stop()).toBe(0);
  // Root finds the same cluster when the server does not run, and leaves it to its owner.
  expect((await runDaybook(["migrate"], { env: env() })).code).toBe(0);
  const again = await startDaybook({ env: env(), cwd: home, ...nobody });
  expect(await again.stop()).toBe(0);
});

test.runIf(root)("as root in a private directory the data goes below /var/lib/daybook, which is said", async () => {
  chmodSync(home, 0o700);
  const server = await startDaybook({ env: env() });
  expect(server.output.out).toContain("/var/lib/daybook/");
  expect(await server.stop()).toBe(0);
  const location = readFileSync(join(data, "pg-location"), "utf8").trim();
  expect(statSync(location).uid).not.toBe(0);
  rmSync(join(location, ".."), { recursive: true, force: true });
});

test("a request in progress is finished after SIGTERM, new ones are refused, what was acknowledged is there", async () => {
  const server = await startDaybook({ env: env() });
  const made = await runDaybook(["keys", "create", "--name", "k", "--scope", "events:write", "--json"], { env: env() });
  const { key } = JSON.parse(made.out) as { key: string };
  let send: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      send = controller;
    },
  });
  const line = (name: string) => new TextEncoder().encode(`{"action":"server.${name}"}\n`);
  const reply = fetch(`${server.address}/api/v1/events`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/x-ndjson" },
    body,
    duplex: "half",
  } as RequestInit);
  send?.enqueue(line("started"));
  await new Promise((resolve) => setTimeout(resolve, 300));
  const stopped = server.stop();
  await new Promise((resolve) => setTimeout(resolve, 500));
  await expect(fetch(`${server.address}/healthz`)).rejects.toThrow();
  send?.enqueue(line("stopped"));
  send?.close();
  expect(await (await reply).json()).toMatchObject({ accepted: 2 });
  expect(await stopped).toBe(0);
  const next = await startDaybook({ env: env() });
  const client = new pg.Client({ connectionString: readFileSync(join(data, "postgres-url"), "utf8").trim() });
  await client.connect();
  const { rows } = await client.query("select action from event where action like 'server.%' order by seq");
  await client.end();
  expect(rows).toEqual([{ action: "server.started" }, { action: "server.stopped" }]);
  await next.stop();
});

test("a client that never finishes is cut off after the time for draining", async () => {
  const server = await startDaybook({ env: env({ DAYBOOK_DRAIN_SECONDS: "1" }) });
  const made = await runDaybook(["keys", "create", "--name", "k", "--scope", "events:write", "--json"], { env: env() });
  const { key } = JSON.parse(made.out) as { key: string };
  const reply = fetch(`${server.address}/api/v1/events`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/x-ndjson" },
    body: new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode("{")) }),
    duplex: "half",
  } as RequestInit);
  const cut = expect(reply).rejects.toThrow();
  await new Promise((resolve) => setTimeout(resolve, 300));
  const began = Date.now();
  expect(await server.stop()).toBe(0);
  expect(Date.now() - began).toBeLessThan(15_000);
  await cut;
});

test("an api and a worker share a data directory; the last to leave stops PostgreSQL", async () => {
  const api = await startDaybook({ env: env({ DAYBOOK_ROLE: "api" }) });
  const worker = await startDaybook({ env: env({ DAYBOOK_ROLE: "worker" }), ready: /role worker/ });
  const second = await runDaybook(["start"], { env: env({ DAYBOOK_ROLE: "worker" }) });
  expect(second.code).toBe(1);
  expect(await api.stop()).toBe(0);
  expect(postgresPid()).toBeDefined();
  expect(await worker.stop()).toBe(0);
  expect(postgresPid()).toBeUndefined();
});

test("an open live stream does not hold up the end", async () => {
  const server = await startDaybook({ env: env() });
  const made = await runDaybook(["keys", "create", "--name", "k", "--scope", "events:read", "--json"], { env: env() });
  const { key } = JSON.parse(made.out) as { key: string };
  const stream = await fetch(`${server.address}/api/v1/events/stream`, { headers: { authorization: `Bearer ${key}` } });
  expect(stream.headers.get("content-type")).toContain("text/event-stream");
  const read = stream.text().catch(() => "cut");
  const began = Date.now();
  expect(await server.stop()).toBe(0);
  expect(Date.now() - began).toBeLessThan(10_000);
  await read;
});
