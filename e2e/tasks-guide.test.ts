import { type ChildProcess, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import type { Task, TaskDetail } from "@daybook/contract";
import { type RemoteServer, remoteServer, temporaryDirectory, testPanel } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { codeBlock, languages, repository, runProgram } from "./guides.ts";

let server: RemoteServer;
let directory: string;

beforeAll(async () => {
  directory = temporaryDirectory("daybook guide");
  mkdirSync(join(directory, "node_modules"));
  for (const name of ["@daybook", "zod"])
    symlinkSync(join(repository, "node_modules", name), join(directory, "node_modules", name));
  writeFileSync(join(directory, "package.json"), '{"type":"module"}');
  write("handlers.ts", "ts", "defineTask");
  write("commands.json", "json", "disk.check");
  server = await remoteServer(["tasks:write", "settings:write", "events:read"], {
    DAYBOOK_ALLOWED_HOSTS: "127.0.0.1",
    DAYBOOK_HANDLERS_FILE: join(directory, "handlers.ts"),
    DAYBOOK_COMMANDS_FILE: join(directory, "commands.json"),
  });
});
afterAll(() => server?.close());

function write(file: string, language: string, containing: string): void {
  writeFileSync(join(directory, file), codeBlock("tasks.md", language, containing));
}

async function runShell(containing: string, more: Record<string, string> = {}): Promise<string> {
  write("example.sh", "sh", containing);
  const env = { DAYBOOK_URL: server.line.address, DAYBOOK_KEY: server.key.key, ...more };
  return runProgram("sh", "example.sh", { cwd: directory, env });
}

async function make(task: object): Promise<string> {
  const reply = await server.send("POST", "/tasks", task);
  expect(reply.status).toBe(201);
  return ((await reply.json()) as Task).id;
}

async function until(id: string, status: Task["status"]): Promise<TaskDetail> {
  const read = () => server.read<TaskDetail>(`/tasks/${id}`);
  await expect.poll(async () => (await read()).status, { timeout: 15_000 }).toBe(status);
  return read();
}

/** The secret that the shell printed. */
const secretIn = (answer: string): string => /"secret":"(dbs_[^"]+)"/.exec(answer)?.[1] ?? "";

test("the shell reports a task", async () => {
  await runShell('"type": "instance.deploy"');
  const { items } = await server.read<{ items: Task[] }>("/tasks?type=instance.deploy");
  expect(items).toMatchObject([
    { status: "failed", title: "Deploy mc-01", progress: 40, lineCount: 1, error: { code: "no_host" }, node: "hv-3" },
  ]);
});

test("the handler and the command of the guide run", async () => {
  const renewal = await until(
    await make({ type: "certificate.renew", payload: { domain: "acme.example" } }),
    "completed",
  );
  expect(renewal).toMatchObject({ result: { domain: "acme.example", days: 90 }, lineCount: 1 });
  expect((await server.send("POST", "/tasks", { type: "certificate.renew", payload: {} })).status).toBe(422);
  const check = await until(await make({ type: "disk.check", payload: { disk: "sda" } }), "completed");
  expect(check).toMatchObject({ executor: "command", result: { exitCode: 0 }, lineCount: 2 });
});

test("the endpoint of the guide is called", async () => {
  const panel = await testPanel();
  panel.answerWith(() => ({ status: 200, body: '{"charged":12}' }));
  expect(secretIn(await runShell("billing.charge", { PANEL_URL: panel.address }))).toMatch(/^dbs_/);
  expect(await until(await make({ type: "billing.charge" }), "completed")).toMatchObject({ result: { charged: 12 } });
  await panel.close();
});

const panels = [
  ["Node", "ts", "panel.ts", "verifyCallback", (file: string) => [file]],
  ["Python", "python", "panel.py", "compare_digest", (file: string) => [file]],
  ["PHP", "php", "panel.php", "hash_equals", (file: string, port: number) => ["-S", `127.0.0.1:${port}`, file]],
] as const;

test.each(panels)(
  "a panel in %s takes what Daybook signed, and nothing else",
  async (_, language, file, containing, args) => {
    const program = languages[language];
    if (program === undefined) {
      process.stderr.write(`The ${language} of docs/guides/tasks.md is not tried: it is not installed.\n`);
      return;
    }
    write(file, language, containing);
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/daybook`;
    const answer = await runShell("instance.deploy/secret", { PANEL_URL: url });
    const secret = secretIn(answer);
    const env = { ...process.env, DAYBOOK_SECRET: secret, PORT: String(port) };
    const panel = spawn(program, args(file, port), { cwd: directory, env });
    let out = "";
    panel.stdout.on("data", (chunk) => {
      out += chunk;
    });
    try {
      await listens(url, panel);
      const id = await make({ type: "instance.deploy", status: "running" });
      await server.send("PATCH", `/tasks/${id}`, { status: "failed" });
      expect((await server.send("POST", `/tasks/${id}/retry-attempts`, {})).status).toBe(201);
      const state = async () => (await server.read<Task>(`/tasks/${id}`)).request;
      await expect.poll(async () => (await state())?.state, { timeout: 15_000 }).toBe("answered");
      await expect.poll(() => out, { timeout: 5_000 }).toContain(`retry ${id}`);
      const body = JSON.stringify({ act: "cancel", task: { id }, requestId: "r" });
      expect(await post(url, body, signed(body, "dbs_another", Date.now()))).toBe(401);
      expect(await post(url, body, signed(body, secret, Date.now() - 400_000))).toBe(401);
      expect(await post(url, body, "")).toBe(401);
      expect(await post(url, body, signed(body, secret, Date.now()))).toBe(202);
    } finally {
      panel.kill();
      if (panel.exitCode === null) await once(panel, "close");
    }
  },
);

function signed(body: string, secret: string, nowMs: number): string {
  const time = Math.floor(nowMs / 1000);
  return `t=${time},v1=${createHmac("sha256", secret).update(`${time}.${body}`).digest("hex")}`;
}

async function post(url: string, body: string, signature: string): Promise<number> {
  return (await fetch(url, { method: "POST", body, headers: { "x-daybook-signature": signature } })).status;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

async function listens(url: string, panel: ChildProcess): Promise<void> {
  const answers = async () => {
    if (panel.exitCode !== null) throw new Error("the panel ended");
    return post(url, "{}", "").catch(() => 0);
  };
  await expect.poll(answers, { timeout: 15_000 }).toBe(401);
}
