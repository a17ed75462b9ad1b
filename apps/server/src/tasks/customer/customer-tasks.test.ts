import type { AddressInfo } from "node:net";
import type { ViewerScope, ViewerTask } from "@daybook/contract";
import { addWorkspace, apiKey, openStream, sampleTask, type TestApp, testApp } from "@daybook/testkit";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TaskRow } from "../task-row.ts";
import { listCustomerTasks } from "./customer-task-store.ts";
import { isTaskInSight } from "./customer-tasks.ts";

let server: TestApp;
let base: string;
let key: Record<string, string>;

beforeAll(async () => {
  server = await testApp();
  await server.app.listen({ port: 0 });
  base = `http://127.0.0.1:${(server.app.server.address() as AddressInfo).port}/api/v1/viewer`;
  key = (await apiKey(server.deps)).headers;
});
afterAll(() => server.close());

async function token(scope: ViewerScope, more: object = {}): Promise<Record<string, string>> {
  const payload = { scope, minutes: 5, ...more };
  const made = await server.app.inject({ method: "POST", url: "/api/v1/viewer-tokens", headers: key, payload });
  expect(made.statusCode, made.body).toBe(201);
  return { authorization: `Bearer ${made.json().token}` };
}

const get = (path: string, headers: Record<string, string>) =>
  server.app.inject({ method: "GET", url: `/api/v1/viewer${path}`, headers });

async function idsOf(scope: ViewerScope, query = ""): Promise<string[]> {
  const answer = await get(`/tasks?limit=100${query}`, await token(scope));
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json().items.map(({ id }: ViewerTask) => id);
}

const server7 = { type: "server", id: "srv-7" };

test("a customer sees what is done for them, in their project and with their targets, and nothing else", async () => {
  const { deps } = server;
  const forUser = await sampleTask(deps, { user: { id: "77" }, targets: [] });
  const ofServer = await sampleTask(deps, { targets: [{ type: "disk", id: "d-1" }, server7] });
  const owned = await sampleTask(deps, { targets: [{ type: "server", id: "srv-8", ownerId: "77" }] });
  const ofAccount = await sampleTask(deps, { targets: [{ type: "user", id: "77" }] });
  const inProject = await sampleTask(deps, { project: "p-1", targets: [] });
  await sampleTask(deps, {
    user: { id: "78" },
    project: "p-2",
    targets: [{ type: "server", id: "srv-9", ownerId: "78" }],
  });
  await sampleTask(deps, { targets: [{ type: "customer", id: "77" }] });
  await sampleTask(deps, { targets: [] });

  expect((await idsOf({ ownerId: "77" })).sort()).toEqual([forUser.id, owned.id, ofAccount.id].sort());
  expect(await idsOf({ targets: [server7] })).toEqual([ofServer.id]);
  expect(await idsOf({ project: "p-1" })).toEqual([inProject.id]);
  expect(await idsOf({ actor: { type: "user", id: "77" } })).toEqual([forUser.id]);
  expect(await idsOf({ actor: { type: "api_key", id: "77" } })).toEqual([]);
  expect(await idsOf({ ownerId: "nobody" })).toEqual([]);
  expect(await idsOf({ ownerId: "77", targets: [server7] }, "&target=server/srv-7")).toEqual([ofServer.id]);
  expect(await idsOf({ ownerId: "77" }, "&target=server/srv-9")).toEqual([]);
});

test("keys of the index that look alike open nothing", async () => {
  const { deps } = server;
  await sampleTask(deps, { targets: [{ type: "a/b", id: "c" }] });
  await sampleTask(deps, { targets: [{ type: "@owner", id: "90" }] });
  await sampleTask(deps, {
    targets: [
      { type: "server", id: "x" },
      { type: "disk", id: "srv-90" },
    ],
  });
  expect(await idsOf({ targets: [{ type: "a", id: "b/c" }] })).toEqual([]);
  expect(await idsOf({ ownerId: "90" })).toEqual([]);
  expect(await idsOf({ targets: [{ type: "server", id: "srv-90" }] })).toEqual([]);
});

test("a task of others does not exist, and one of another workspace neither", async () => {
  const other = await addWorkspace(server.deps, "other");
  const strange = await sampleTask(server.deps, { workspaceId: other, user: { id: "77" } });
  const foreign = await sampleTask(server.deps, { user: { id: "78" } });
  const own = await sampleTask(server.deps, { user: { id: "77" } });
  const holder = await token({ ownerId: "77" });
  expect((await get(`/tasks/${own.id}`, holder)).json().id).toBe(own.id);
  for (const { id } of [strange, foreign]) {
    const answer = await get(`/tasks/${id}`, holder);
    expect(answer.statusCode).toBe(404);
    expect(answer.json().detail).toBe(`There is no task ${id}.`);
  }
  expect(await idsOf({ ownerId: "77" })).not.toContain(strange.id);
});

test("nothing of the inside is shown: no payload, node, worker, address or stack", async () => {
  const task = await sampleTask(server.deps, {
    user: { id: "79", name: "Dana" },
    title: "Move web-1 to hv-fra-03",
    node: "hv-fra-03",
    status: "failed",
    payload: { inside: "payload-of-79" },
    error: { message: "hv-fra-03 (10.1.2.3) did not answer ops@acme.example\n    at migrate (worker.js:12)" },
  });
  await server.deps.db.query(
    "update task set worker = 'worker-9', last_line = 'a line', result = '{\"r\": 1}' where id = $1",
    [task.id],
  );
  const holder = await token({ ownerId: "79" });
  const shown = (await get(`/tasks/${task.id}`, holder)).json();
  expect(shown).toEqual({
    id: task.id,
    type: "instance.deploy",
    title: "Move web-1 to •••",
    status: "failed",
    progress: 0,
    queuedAt: task.queued_at.toISOString(),
    startedAt: task.started_at?.toISOString(),
    finishedAt: task.finished_at?.toISOString(),
    durationMs: 1_000,
    error: "••• (•••) did not answer •••",
  });
  expect((await get("/tasks", holder)).json().items).toEqual([shown]);
  const hides = await token({ ownerId: "79" }, { hiddenFields: ["reason"] });
  expect((await get(`/tasks/${task.id}`, hides)).json().error).toBeUndefined();
});

test("pages go on with a sealed cursor, which is of no use to another token", async () => {
  const tasks: string[] = [];
  for (let n = 0; n < 7; n++) tasks.unshift((await sampleTask(server.deps, { user: { id: "80" } })).id);
  const holder = await token({ ownerId: "80" });
  const seen: string[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const query: string = cursor === "" ? "" : `&cursor=${cursor}`;
    const page = (await get(`/tasks?limit=3${query}`, holder)).json();
    seen.push(...page.items.map(({ id }: ViewerTask) => id));
    cursor = page.nextCursor;
    if (cursor !== null) expect(Buffer.from(cursor, "base64url").toString()).not.toContain(seen.at(-1));
  }
  expect(seen).toEqual(tasks);
  const first = (await get("/tasks?limit=3", holder)).json();
  const other = await token({ ownerId: "80" });
  expect((await get(`/tasks?cursor=${first.nextCursor}`, other)).json().code).toBe("invalid_cursor");
  const plain = Buffer.from(seen[3] ?? "").toString("base64url");
  expect((await get(`/tasks?cursor=${plain}`, holder)).json().code).toBe("invalid_cursor");
});

test("old tasks stand behind the new ones", async () => {
  const days = (count: number): number => Date.now() - count * 86_400_000;
  const ids: string[] = [];
  for (const ago of [90, 30, 8, 6, 1])
    ids.unshift((await sampleTask(server.deps, { user: { id: "84" }, queuedAtMs: days(ago) })).id);
  expect(await idsOf({ ownerId: "84" })).toEqual(ids);
  const holder = await token({ ownerId: "84" });
  const first = (await get("/tasks?limit=2", holder)).json();
  const second = (await get(`/tasks?limit=2&cursor=${first.nextCursor}`, holder)).json();
  expect([...first.items, ...second.items].map(({ id }: ViewerTask) => id)).toEqual(ids.slice(0, 4));
});

test("a customer's stream tells of their tasks alone, and of what is shown of them", async () => {
  const stream = await openStream(`${base}/tasks/stream`, await token({ ownerId: "81" }));
  expect(stream.status).toBe(200);
  await sampleTask(server.deps, { user: { id: "82" } });
  await sampleTask(server.deps, { targets: [{ type: "@owner", id: "81" }] });
  const own = await sampleTask(server.deps, {
    user: { id: "81" },
    status: "pending",
    node: "hv-1",
    payload: { inside: 1 },
  });
  const message = await stream.next();
  stream.close();
  const task = JSON.parse(message?.data ?? "") as ViewerTask;
  expect(task.id).toBe(own.id);
  expect(Object.keys(task).sort()).toEqual(["id", "progress", "queuedAt", "status", "title", "type"]);
});

test("a stream ends with its token, and a token has so many streams and no more", async () => {
  const holder = await token({ ownerId: "83" });
  const streams = await Promise.all(Array.from({ length: 8 }, () => openStream(`${base}/tasks/stream`, holder)));
  expect(streams.map(({ status }) => status)).toEqual(Array(8).fill(200));
  expect((await get("/tasks/stream", holder)).statusCode).toBe(429);
  const from = Date.now();
  await server.deps.db.query("delete from viewer_token where scope ->> 'ownerId' = '83'");
  for (const stream of streams) expect((await stream.ended()) - from).toBeLessThan(15_000);
}, 30_000);

test("the statement finds what the rule says, for tasks and scopes of every kind", async () => {
  const id = fc.constantFrom("1", "2", "3/x", "x");
  const type = fc.constantFrom("server", "user", "server/3", "@owner");
  const target = fc.record({ type, id, ownerId: id }, { requiredKeys: ["type", "id"] });
  const tasks = fc.record(
    { targets: fc.array(target, { maxLength: 3 }), user: fc.record({ id }), project: id },
    { requiredKeys: ["targets"] },
  );
  const workspaceId = await addWorkspace(server.deps, "property");
  const rows: TaskRow[] = [];
  for (const task of fc.sample(tasks, { numRuns: 120, seed: 7 }))
    rows.push(await sampleTask(server.deps, { ...task, workspaceId }));
  const scopes = fc.record(
    {
      targets: fc.array(fc.record({ type, id }), { minLength: 1, maxLength: 3 }),
      ownerId: id,
      project: id,
      actor: fc.record({ type: fc.constantFrom("user" as const, "api_key" as const), id }),
    },
    { requiredKeys: [] },
  );
  let found = 0;
  for (const scope of fc.sample(scopes, { numRuns: 120, seed: 8 })) {
    const listed = await listCustomerTasks(server.deps.db, { workspaceId, scope, limit: 1_000 }, Date.now());
    const expected = rows.filter((row) => isTaskInSight({ scope }, row)).map((row) => row.id);
    expect(listed.map((row) => row.id).sort()).toEqual(expected.sort());
    found += expected.length;
  }
  expect(found).toBeGreaterThan(1_000);
});
