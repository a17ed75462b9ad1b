import { verifyCallback } from "@daybook/client";
import type { TaskDetail } from "@daybook/contract";
import { apiKey, type TestApp, type TestPanel, testApp, testPanel } from "@daybook/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startTasks } from "../start-tasks.ts";
import { endpointCall } from "./call-endpoint.ts";

let server: TestApp;
let panel: TestPanel;
let headers: Record<string, string>;
let work: { stop(): Promise<void> };
const secret = "dbs_for_a_test";

beforeAll(async () => {
  panel = await testPanel();
  server = await testApp({ config: { allowedHosts: ["127.0.0.1"] } });
  ({ headers } = await apiKey(server.deps));
  const endpoint = `${panel.address}/run`;
  await put("billing.charge", { endpoint, idempotent: true, retries: 2, backoffSeconds: 0 });
  await put("billing.refund", { endpoint, retries: 2, backoffSeconds: 0 });
  await put("billing.late", { endpoint, idempotent: true, retries: 2, backoffSeconds: 0, timeoutSeconds: 1 });
  await server.deps.db.query("update task_type set secret = $1, secret_since = now()", [secret]);
  await put("billing.open", { endpoint });
  work = await startTasks({ ...server.deps, version: "test", callEndpoint: endpointCall(server.deps) });
});
afterAll(async () => {
  await work.stop();
  await server.close();
  await panel.close();
});
beforeEach(() => {
  panel.requests.length = 0;
});

async function put(type: string, settings: object): Promise<void> {
  const reply = await server.app.inject({
    method: "PUT",
    url: `/api/v1/task-types/${type}`,
    headers,
    payload: settings,
  });
  expect(reply.statusCode, reply.body).toBe(200);
}

async function make(type: string): Promise<string> {
  const payload = { type, payload: { amount: 12 } };
  const reply = await server.app.inject({ method: "POST", url: "/api/v1/tasks", headers, payload });
  expect(reply.statusCode, reply.body).toBe(201);
  return reply.json().id;
}

async function until(id: string, status: string): Promise<TaskDetail> {
  const read = async (): Promise<TaskDetail> =>
    (await server.app.inject({ method: "GET", url: `/api/v1/tasks/${id}`, headers })).json();
  await expect.poll(async () => (await read()).status, { timeout: 15_000, interval: 50 }).toBe(status);
  return read();
}

test("200 completes the task with the JSON of the answer; the call is signed and carries the payload", async () => {
  panel.answerWith(() => ({ status: 200, body: JSON.stringify({ charged: 12 }) }));
  const task = await until(await make("billing.charge"), "completed");
  expect(task).toMatchObject({ executor: "endpoint", result: { charged: 12 }, attempt: 1 });
  const [request] = panel.requests;
  const call = await verifyCallback(request?.headers ?? {}, request?.body ?? "", secret);
  expect(call).toMatchObject({ act: "run", task: { id: task.id, payload: { amount: 12 } }, requestId: `${task.id}/1` });
});

test("202 leaves the task running until the panel reports", async () => {
  panel.answerWith(() => ({ status: 202 }));
  const id = await make("billing.charge");
  await expect.poll(() => panel.requests.length).toBe(1);
  const running = await until(id, "running");
  const url = `/api/v1/tasks/${id}`;
  await expect
    .poll(async () => (await server.app.inject({ url, headers })).json().worker, { timeout: 5_000 })
    .toBeUndefined();
  const done = await server.app.inject({ method: "PATCH", url, headers, payload: { status: "completed", result: 1 } });
  expect(done.json()).toMatchObject({ id: running.id, status: "completed", attempt: 1 });
});

test("a 4xx fails the task for good, with what the panel says", async () => {
  panel.answerWith(() => ({ status: 422, body: JSON.stringify({ message: "no such card" }) }));
  const task = await until(await make("billing.charge"), "failed");
  expect(task).toMatchObject({
    attempt: 1,
    error: { message: "The panel answered 422: no such card", code: "http_422" },
  });
  expect(panel.requests).toHaveLength(1);
});

test("a redirect fails the task: the address is not followed", async () => {
  panel.answerWith(() => ({ status: 301, headers: { location: "http://169.254.169.254/" } }));
  const { error } = await until(await make("billing.charge"), "failed");
  expect(error?.message).toBe("The panel answered 301 (redirect to http://169.254.169.254/)");
});

test("5xx and broken connections are tried again by the policy of the type", async () => {
  panel.answerWith((request) => {
    const tries = panel.requests.indexOf(request);
    return tries === 0 ? { status: 500 } : tries === 1 ? undefined : { status: 200 };
  });
  const task = await until(await make("billing.charge"), "completed");
  expect(task.attempts.map(({ error }) => error?.code)).toEqual(["http_500", "panel_unreachable", undefined]);
  const ids = panel.requests.map(({ headers: sent }) => sent["x-daybook-request-id"]);
  expect(ids).toEqual([1, 2, 3].map((attempt) => `${task.id}/${attempt}`));
});

test("a type that is not idempotent is not called twice", async () => {
  panel.answerWith(() => ({ status: 500 }));
  const task = await until(await make("billing.refund"), "failed");
  expect(task).toMatchObject({ attempt: 1, error: { code: "http_500" } });
  expect(panel.requests).toHaveLength(1);
});

test("429 with Retry-After is called again in the same attempt, with the same id", async () => {
  panel.answerWith((request) =>
    panel.requests.indexOf(request) === 0 ? { status: 429, headers: { "retry-after": "1" } } : { status: 204 },
  );
  const task = await until(await make("billing.refund"), "completed");
  expect(task).toMatchObject({ attempt: 1, lineCount: 1 });
  expect(panel.requests.map(({ headers: sent }) => sent["x-daybook-request-id"])).toEqual([
    `${task.id}/1`,
    `${task.id}/1`,
  ]);
});

test("a panel that does not answer in the time of the type is one that gave no answer", async () => {
  panel.answerWith(() => new Promise(() => {}));
  const task = await until(await make("billing.late"), "failed");
  expect(task.attempts.length).toBe(3);
});

test("without a secret nothing is called", async () => {
  const { error } = await until(await make("billing.open"), "failed");
  expect(error?.message).toContain("no secret to sign the call with");
  expect(panel.requests).toEqual([]);
});
