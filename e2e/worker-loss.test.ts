import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Task, TaskDetail } from "@daybook/contract";
import { type RunningDaybook, runDaybook, startDaybook } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

const defineTask = fileURLToPath(new URL("../apps/server/src/tasks/define-task.ts", import.meta.url));
const zod = fileURLToPath(import.meta.resolve("zod"));

let data: string;
let env: Record<string, string>;
let server: RunningDaybook;
let worker: RunningDaybook;
let headers: Record<string, string>;

const startWorker = () => startDaybook({ env: { ...env, DAYBOOK_ROLE: "worker" }, ready: /(works in the background)/ });

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), "daybook-worker-"));
  chmodSync(data, 0o755); // So that PostgreSQL, as its own user, can live in it.
  const handlers = join(data, "handlers.ts");
  writeFileSync(
    handlers,
    `import { defineTask } from ${JSON.stringify(defineTask)};
     import { z } from ${JSON.stringify(zod)};
     const job = async ({ ms }, { line }) => { line("begun"); await new Promise((next) => setTimeout(next, ms)); line("done"); };
     const schema = z.object({ ms: z.number() });
     export default [defineTask("safe.job", schema, job, { idempotent: true }), defineTask("unsafe.job", schema, job)];`,
  );
  env = {
    DAYBOOK_DATA: data,
    DAYBOOK_REQUESTS_PER_MINUTE: "0",
    DAYBOOK_HANDLERS_FILE: handlers,
    DAYBOOK_DRAIN_SECONDS: "2",
  };
  server = await startDaybook({ env: { ...env, DAYBOOK_ROLE: "api" } });
  worker = await startWorker();
  const made = await runDaybook(["keys", "create", "--name", "k", "--scope", "tasks:write", "--json"], { env });
  headers = {
    authorization: `Bearer ${(JSON.parse(made.out) as { key: string }).key}`,
    "content-type": "application/json",
  };
}, 60_000);

afterAll(async () => {
  await worker.stop();
  await server.stop();
  rmSync(data, { recursive: true, force: true });
});

async function make(type: string, ms: number): Promise<string> {
  const response = await fetch(`${server.address}/api/v1/tasks`, {
    method: "POST",
    headers,
    body: JSON.stringify({ type, payload: { ms } }),
  });
  expect(response.status).toBe(201);
  return ((await response.json()) as Task).id;
}

async function read(id: string): Promise<TaskDetail> {
  return (await fetch(`${server.address}/api/v1/tasks/${id}`, { headers })).json() as Promise<TaskDetail>;
}

const statusOf = (id: string) => async () => (await read(id)).status;

test("a worker that is killed loses nothing: its task is run again, or has failed as lost, within 30 s", async () => {
  const safe = await make("safe.job", 4_000);
  const unsafe = await make("unsafe.job", 4_000);
  await expect.poll(statusOf(safe), { timeout: 10_000 }).toBe("running");
  await expect.poll(statusOf(unsafe), { timeout: 10_000 }).toBe("running");
  const killedAt = Date.now();
  await worker.kill();
  worker = await startWorker();
  await expect.poll(async () => (await read(safe)).attempt, { timeout: 30_000 - (Date.now() - killedAt) }).toBe(2);
  await expect.poll(statusOf(unsafe), { timeout: 30_000 - (Date.now() - killedAt) }).toBe("failed");
  await expect.poll(statusOf(safe), { timeout: 20_000 }).toBe("completed");
  const [again, lost] = [await read(safe), await read(unsafe)];
  expect(again.happenings.map((each) => each.happening)).toEqual([
    "created",
    "started",
    "lost",
    "started",
    "completed",
  ]);
  expect(again.attempts.map((each) => [each.attempt, each.status])).toEqual([
    [1, "failed"],
    [2, "completed"],
  ]);
  expect(lost.error).toMatchObject({ code: "worker_lost" });
  expect(lost.attempt).toBe(1);
}, 90_000);

test("a worker that is stopped gives back what it had not finished, and the next one runs it", async () => {
  const id = await make("safe.job", 6_000);
  await expect.poll(statusOf(id), { timeout: 10_000 }).toBe("running");
  expect(await worker.stop()).toBe(0);
  expect(await read(id)).toMatchObject({ status: "pending", attempt: 2 });
  worker = await startWorker();
  await expect.poll(statusOf(id), { timeout: 40_000 }).toBe("completed");
}, 90_000);
