import { verifyCallback } from "@daybook/client";
import type { Task } from "@daybook/contract";
import { apiKey, signedInClient, type TestApp, type TestPanel, testApp, testPanel } from "@daybook/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Callbacks, forgetCallbacks, startCallbacks } from "./callbacks.ts";

let server: TestApp;
let panel: TestPanel;
let headers: Record<string, string>;
let callbacks: Callbacks;
let secret: string;
let nowMs = Date.parse("2026-11-20T10:00:00Z");

beforeAll(async () => {
  panel = await testPanel();
  server = await testApp({ clock: () => nowMs, config: { allowedHosts: ["127.0.0.1"] } });
  ({ headers } = await apiKey(server.deps));
  callbacks = new Callbacks(server.deps);
  await ask("PUT", "/task-types/instance.deploy", { idempotent: true, callback: `${panel.address}/daybook` }, 200);
  secret = await makeSecret("instance.deploy");
});
afterAll(async () => {
  await server.close();
  await panel.close();
});
beforeEach(() => {
  panel.requests.length = 0;
  panel.answerWith(() => ({ status: 202 }));
});

async function ask(method: "GET" | "POST" | "PUT" | "PATCH", path: string, body: object | undefined, status: number) {
  const url = `/api/v1${path}`;
  const reply = await server.app.inject({ method, url, headers, ...(body === undefined ? {} : { payload: body }) });
  expect(reply.statusCode, reply.body).toBe(status);
  return reply.json();
}

async function makeSecret(type: string): Promise<string> {
  const owner = await signedInClient(server);
  await server.deps.db.query("update session set stepped_up_until = $1", [new Date(nowMs + 60_000)]);
  const made = await owner.request("POST", `/task-types/${type}/secret`);
  expect(made.statusCode, made.body).toBe(201);
  return made.json().secret;
}

const read = (id: string): Promise<Task> => ask("GET", `/tasks/${id}`, undefined, 200);

async function failedTask(): Promise<Task> {
  const task = await ask("POST", "/tasks", { type: "instance.deploy", status: "running" }, 201);
  return ask("PATCH", `/tasks/${task.id}`, { status: "failed", error: "no host" }, 200);
}

async function retryAsked(): Promise<string> {
  const { id } = await failedTask();
  await ask("POST", `/tasks/${id}/retry-attempts`, undefined, 201);
  return id;
}

test("a retry goes to the panel, signed, and the task shows how far it is until the panel runs it again", async () => {
  const id = await retryAsked();
  expect((await read(id)).request).toMatchObject({ act: "retry", state: "waiting", tries: 0 });
  expect(await callbacks.runDue()).toBe(1);
  const [request] = panel.requests;
  const call = await verifyCallback(request?.headers ?? {}, request?.body ?? "", secret, { nowMs });
  expect(call).toMatchObject({ act: "retry", task: { id, status: "failed", type: "instance.deploy" } });
  expect(request?.headers["x-daybook-request-id"]).toBe(call.requestId);
  expect(await read(id)).toMatchObject({
    status: "failed",
    request: { act: "retry", state: "answered", tries: 1, answer: "202" },
  });
  const running = await ask("PATCH", `/tasks/${id}`, { status: "running" }, 200);
  expect(running).toMatchObject({ status: "running", attempt: 2 });
  expect(running.request).toBeUndefined();
  expect(await callbacks.runDue()).toBe(0);
});

test("the secret is shown once and nowhere else, and with a new one the old signs nothing any more", async () => {
  const types = await server.app.inject({ url: "/api/v1/task-types", headers });
  expect(types.body).not.toContain(secret);
  const { rows } = await server.deps.db.query("select secret from task_type where type = 'instance.deploy'");
  expect(rows).toEqual([{ secret: expect.stringMatching(/^sealed:/) }]);
  const deploy = types.json().items.find(({ type }: { type: string }) => type === "instance.deploy");
  expect(deploy).toMatchObject({ secretSince: expect.any(String) });
  const old = secret;
  secret = await makeSecret("instance.deploy");
  await retryAsked();
  await callbacks.runDue();
  const [{ headers: sent, body } = { headers: {}, body: "" }] = panel.requests;
  await expect(verifyCallback(sent, body, old, { nowMs })).rejects.toThrow("not one of this secret");
  await verifyCallback(sent, body, [old, secret], { nowMs });
  const events = await server.app.inject({ url: "/api/v1/events?q=action:task.type.updated", headers });
  expect(events.body).not.toContain(secret);
});

test("where the panel is called is for those who see the settings", async () => {
  const reader = await apiKey(server.deps, { scopes: ["tasks:read"] });
  const seenBy = async (caller: Record<string, string>): Promise<string> =>
    (await server.app.inject({ url: "/api/v1/task-types", headers: caller })).body;
  expect(await seenBy(headers)).toContain(`${panel.address}/daybook`);
  expect(await seenBy(reader.headers)).toContain("instance.deploy");
  expect(await seenBy(reader.headers)).not.toContain(panel.address);
});

test("a cancellation is asked for while the task is pending, and what the panel answers at once is taken", async () => {
  const task = await ask("POST", "/tasks", { type: "instance.deploy" }, 201);
  await ask("POST", `/tasks/${task.id}/cancellation`, undefined, 200);
  panel.answerWith(() => ({ status: 200, body: JSON.stringify({ status: "cancelled" }) }));
  await callbacks.runDue();
  const after = await read(task.id);
  expect(after.status).toBe("cancelled");
  expect(after.request).toBeUndefined();
});

test("a refusal is final and says why", async () => {
  const id = await retryAsked();
  panel.answerWith(() => ({ status: 409, body: JSON.stringify({ error: "the server is gone" }) }));
  await callbacks.runDue();
  expect((await read(id)).request).toMatchObject({ state: "failed", tries: 1, answer: "409: the server is gone" });
  nowMs += 3_600_000;
  expect(await callbacks.runDue()).toBe(0);
});

test("without an answer it is tried again, less and less often, with the same id and a new signature, for an hour", async () => {
  const id = await retryAsked();
  const asked = nowMs;
  panel.answerWith((request) => (panel.requests.indexOf(request) % 2 === 0 ? { status: 500 } : undefined));
  const waits: number[] = [];
  for (let request = (await read(id)).request; request?.state === "waiting"; request = (await read(id)).request) {
    if (request.nextTryAt !== undefined) {
      waits.push((Date.parse(request.nextTryAt) - nowMs) / 1000);
      nowMs = Date.parse(request.nextTryAt) - 1;
      expect(await callbacks.runDue()).toBe(0);
      nowMs += 1;
    }
    expect(await callbacks.runDue()).toBe(1);
  }
  expect(waits.slice(0, 9)).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 300]);
  expect(nowMs - asked).toBeLessThanOrEqual(3_600_000);
  expect(nowMs - asked).toBeGreaterThan(3_000_000);
  const { request } = await read(id);
  expect(request).toMatchObject({ state: "failed", answer: expect.stringContaining("given up after an hour") });
  expect(request?.nextTryAt).toBeUndefined();
  const calls = panel.requests.map(({ headers: sent }) => sent);
  expect(new Set(calls.map((sent) => sent["x-daybook-request-id"])).size).toBe(1);
  expect(new Set(calls.map((sent) => sent["x-daybook-signature"])).size).toBe(calls.length);
});

test("a panel that asks for time is left alone for so long", async () => {
  const id = await retryAsked();
  panel.answerWith(() => ({ status: 503, headers: { "retry-after": "90" } }));
  await callbacks.runDue();
  const { request } = await read(id);
  expect(request).toMatchObject({ state: "waiting", answer: "503" });
  expect(Date.parse(request?.nextTryAt ?? "")).toBe(nowMs + 90_000);
  nowMs += 90_000;
  panel.answerWith(() => ({ status: 200 }));
  await callbacks.runDue();
  expect((await read(id)).request).toMatchObject({ state: "answered", tries: 2 });
});

test("a report of the panel ends the asking, even while no answer has come", async () => {
  const id = await retryAsked();
  panel.answerWith(() => undefined);
  await callbacks.runDue();
  await ask("PATCH", `/tasks/${id}`, { status: "running" }, 200);
  nowMs += 10_000;
  await callbacks.runDue();
  expect(panel.requests).toHaveLength(1);
  expect((await read(id)).request).toBeUndefined();
});

test("several workers ask once", async () => {
  for (let n = 0; n < 5; n++) await retryAsked();
  const workers = Array.from({ length: 4 }, () => new Callbacks(server.deps));
  const made = await Promise.all(workers.map((worker) => worker.runDue()));
  expect(made.reduce((sum, count) => sum + count, 0)).toBe(5);
  expect(panel.requests).toHaveLength(5);
});

test("a worker that dies in the middle of a call leaves it to another, a minute later", async () => {
  const id = await retryAsked();
  panel.answerWith(() => new Promise(() => {}));
  const dying = new Callbacks({ ...server.deps, db: server.deps.db }, { timeoutMs: 500 });
  const call = dying.runDue();
  await expect.poll(() => panel.requests.length).toBe(1);
  expect(await callbacks.runDue()).toBe(0);
  nowMs += 61_000;
  panel.answerWith(() => ({ status: 200 }));
  expect(await callbacks.runDue()).toBe(1);
  expect((await read(id)).request).toMatchObject({ state: "answered", tries: 2 });
  await call;
});

test("an address that may not be called is refused when it is set, and when its name has come to lead there", async () => {
  for (const callback of ["https://169.254.169.254/", "http://8.8.8.8/", "https://[::1]/x"]) {
    const refused = await ask("PUT", "/task-types/instance.resize", { callback }, 422);
    expect(refused.code).toBe("address_refused");
  }
  const id = await retryAsked();
  await server.deps.db.query("update task_callback set url = 'https://rebound.example/' where task_id = $1", [id]);
  const rebound = new Callbacks(server.deps, { resolve: async () => [{ address: "10.0.0.1", family: 4 }] });
  await rebound.runDue();
  expect((await read(id)).request).toMatchObject({
    state: "failed",
    answer: expect.stringContaining("leads to 10.0.0.1"),
  });
});

test("without a callback address, or without a secret, what to do is said", async () => {
  const make = async () => {
    const task = await ask("POST", "/tasks", { type: "instance.backup" }, 201);
    return ask("POST", `/tasks/${task.id}/cancellation`, undefined, 409);
  };
  expect((await make()).detail).toContain("no callback address");
  await ask("PUT", "/task-types/instance.backup", { callback: `${panel.address}/daybook` }, 200);
  expect((await make()).detail).toContain("no secret");
});

test("two who press the button ask once more, and the first question is dropped", async () => {
  const id = await retryAsked();
  nowMs += 1;
  await ask("POST", `/tasks/${id}/retry-attempts`, undefined, 201);
  await callbacks.runDue();
  expect(panel.requests).toHaveLength(1);
  expect((await read(id)).request).toMatchObject({ state: "answered", tries: 1 });
});

test("what was answered is forgotten after thirty days, what waits is not", async () => {
  const id = await retryAsked();
  const left = async () =>
    (await server.deps.db.query("select tries from task_callback where task_id = $1", [id])).rowCount;
  await forgetCallbacks(server.deps.db, nowMs + 31 * 86_400_000);
  expect(await left()).toBe(1);
  await callbacks.runDue();
  await forgetCallbacks(server.deps.db, nowMs + 29 * 86_400_000);
  expect(await left()).toBe(1);
  await forgetCallbacks(server.deps.db, nowMs + 31 * 86_400_000);
  expect(await left()).toBe(0);
});

test("the running worker asks at once, not when it next looks", async () => {
  const work = await startCallbacks(server.deps, 600_000);
  try {
    const id = await retryAsked();
    await expect.poll(async () => (await read(id)).request?.state, { timeout: 20_000 }).toBe("answered");
  } finally {
    await work.stop();
  }
});
