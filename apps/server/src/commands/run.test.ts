import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apiKey, type Finished, launcher, runDaybook, type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

let server: TestApp;
let url: string;
let key: string;
let headers: Record<string, string>;
const home = mkdtempSync(join(tmpdir(), "daybook-home-"));
const spool = join(home, ".local", "state", "daybook", "check-ins.ndjson");
const nowhere = "http://127.0.0.1:1";

beforeAll(async () => {
  server = await testApp();
  url = await server.app.listen({ port: 0, host: "127.0.0.1" });
  ({ key, headers } = await apiKey(server.deps));
});
afterAll(async () => {
  await server.close();
  rmSync(home, { recursive: true, force: true });
});
beforeEach(async () => {
  await server.deps.ownerDb.query("truncate schedule, schedule_run");
  rmSync(spool, { force: true });
  await server.app.inject({ method: "PUT", url: "/api/v1/schedules/backup", headers, payload: { cron: "0 2 * * *" } });
});

const env = (changes: Record<string, string> = {}) => ({ HOME: home, DAYBOOK_URL: url, DAYBOOK_KEY: key, ...changes });
const run = (args: string[], changes: Record<string, string> = {}): Promise<Finished> =>
  runDaybook(["run", ...args], { env: env(changes) });

async function runs(name = "backup") {
  const reply = await server.app.inject({ url: `/api/v1/schedules/${name}/runs`, headers });
  return reply.json().items;
}

test("a command's outputs and exit code are its own, and the run is there with both", async () => {
  const script = 'echo "to out"; echo "to err" >&2; exit 0';
  expect(await run(["backup", "--", "sh", "-c", script])).toEqual({ code: 0, out: "to out\n", err: "to err\n" });
  const [found] = await runs();
  expect(found).toMatchObject({ state: "succeeded", exitCode: 0 });
  expect(found.output.split("\n").sort()).toEqual(["", "to err", "to out"]);
  expect(existsSync(spool)).toBe(false);
});

test("a command that fails is a failed run, and its exit code comes back", async () => {
  const { code } = await run(["backup", "--", "sh", "-c", "echo disk full; exit 3"]);
  expect(code).toBe(3);
  expect(await runs()).toMatchObject([{ state: "failed", exitCode: 3, output: "disk full\n", reason: "Exit code 3." }]);
});

test("the standard input goes to the command", async () => {
  const { out } = await runDaybook(["run", "backup", "--", "cat"], { env: env(), input: "from the pipe" });
  expect(out).toBe("from the pipe");
});

test("one that is not there ends with 127, one that a signal ends with 128 and its number", async () => {
  const missing = await run(["backup", "--", "/no/such/command"]);
  expect(missing).toMatchObject({ code: 127, err: expect.stringContaining("there is no such command") });
  expect((await run(["backup", "--", "sh", "-c", "kill -9 $$"])).code).toBe(137);
  expect((await runs()).map((each: { exitCode: number }) => each.exitCode)).toEqual([137, 127]);
});

test("a signal goes on to the command, and what it makes of it comes back", async () => {
  const script = 'trap "echo stopping; exit 7" TERM; echo ready; while :; do sleep 0.05; done';
  const child = spawn(process.execPath, [launcher, "run", "backup", "--", "sh", "-c", script], {
    env: { ...process.env, DAYBOOK_CONFIG: "", ...env() },
  });
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk;
    if (String(chunk).includes("ready")) child.kill("SIGTERM");
  });
  const [code] = await once(child, "close");
  expect([code, out]).toEqual([7, "ready\nstopping\n"]);
  expect(await runs()).toMatchObject([{ state: "failed", exitCode: 7 }]);
});

test("of a long output everything is passed on, and its beginning and end are kept", async () => {
  const script = "echo first; seq 1 200000; echo last";
  const { out } = await run(["backup", "--", "sh", "-c", script]);
  expect(out.length).toBeGreaterThan(1_200_000);
  expect(out.endsWith("200000\nlast\n")).toBe(true);
  const [{ output }] = await runs();
  expect(output).toMatch(/^first\n1\n2\n[\s\S]*\n\[\d+ bytes are left out here\]\n[\s\S]*\n200000\nlast\n$/);
  expect(output.length).toBeLessThan(65_536);
});

test("while Daybook is down commands run, and their check-ins come later with the times at which they happened", async () => {
  const before = Date.now();
  const down = await run(["backup", "--", "echo", "still done"], { DAYBOOK_URL: nowhere });
  expect(down).toMatchObject({ code: 0, out: "still done\n", err: "" });
  expect((await run(["backup", "--", "false"], { DAYBOOK_URL: nowhere })).code).toBe(1);
  expect(readFileSync(spool, "utf8").trim().split("\n")).toHaveLength(4);
  expect(await runs()).toEqual([]);
  const after = Date.now();

  const flushed = await run(["--flush", "--json"]);
  expect([flushed.code, JSON.parse(flushed.out)]).toEqual([0, { sent: 4, left: 0 }]);
  const found = await runs();
  expect(found.map((each: { state: string }) => each.state)).toEqual(["failed", "succeeded"]);
  for (const { startedAt } of found) {
    expect(Date.parse(startedAt)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(startedAt)).toBeLessThanOrEqual(after);
  }
  expect(existsSync(spool)).toBe(false);
});

test("the next run brings what could not be sent before, and what a killed one had taken", async () => {
  await run(["backup", "--", "true"], { DAYBOOK_URL: nowhere });
  // Process numbers go to 4 194 304: nobody has this one.
  writeFileSync(spool.replace("ndjson", "9999999.1.sending"), readFileSync(spool));
  rmSync(spool);
  await run(["backup", "--", "true"]);
  expect(await runs()).toHaveLength(2);
});

test("a Daybook that does not answer holds up nothing but the end", async () => {
  const silent: Server = createServer(() => {});
  await once(silent.listen(0, "127.0.0.1"), "listening");
  const address = silent.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const marker = join(home, "marker");
  const began = Date.now();
  const going = run(["backup", "--", "sh", "-c", `echo x > ${marker}`], { DAYBOOK_URL: `http://127.0.0.1:${port}` });
  while (!existsSync(marker) && Date.now() - began < 20_000) await new Promise((resolve) => setTimeout(resolve, 20));
  const seen = Date.now();
  expect((await going).code).toBe(0);
  // The request that is not answered is given up after five seconds; the command had begun long before.
  expect(Date.now() - seen).toBeGreaterThan(3_000);
  expect(readFileSync(spool, "utf8").trim().split("\n")).toHaveLength(2);
  silent.close();
});

test("with --cron the schedule is made if it is not there", async () => {
  expect((await run(["hourly", "--cron", "0 * * * *", "--time-zone", "Europe/Berlin", "--", "true"])).code).toBe(0);
  const made = await server.app.inject({ url: "/api/v1/schedules/hourly", headers });
  expect(made.json()).toMatchObject({ kind: "monitored", cron: "0 * * * *", timeZone: "Europe/Berlin", state: "up" });
});

test("a schedule that is not there is said, and the command's exit code still counts", async () => {
  const unknown = await run(["unknown", "--", "true"]);
  expect(unknown.code).toBe(0);
  expect(unknown.err).toContain("There is no schedule unknown");
  const bad = await run(["backup", "--", "true"], { DAYBOOK_KEY: "dbk_nonsense" });
  expect(bad).toMatchObject({ code: 0, err: expect.stringContaining("There is no such API key") });
});

test("wrong use says what is meant, and runs nothing", async () => {
  expect(await run(["backup"])).toMatchObject({ code: 2, err: expect.stringContaining("NAME -- COMMAND") });
  expect((await run(["a b", "--", "echo", "x"])).code).toBe(2);
  expect((await run(["x", "--cron", "61 * * * *", "--", "echo", "x"])).out).toBe("");
});
