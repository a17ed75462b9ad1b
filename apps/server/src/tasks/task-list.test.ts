import type { Task } from "@daybook/contract";
import { apiKey, type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newId } from "../record/event-id.ts";
import { createTaskPartitions } from "./partitions.ts";

const DAY_MS = 86_400_000;
const now = Date.parse("2026-11-20T10:00:00.000Z");
let server: TestApp;
let headers: Record<string, string>;
let clock = now;

beforeAll(async () => {
  server = await testApp({ clock: () => clock });
  ({ headers } = await apiKey(server.deps));
  // A month has no partition of its own: what belongs there is in the default one.
  await createTaskPartitions(server.deps.ownerDb, now - 160 * DAY_MS);
  await createTaskPartitions(server.deps.ownerDb, now);
  const types = ["instance.deploy", "instance.backup", "image.import"];
  for (let n = 0; n < 120; n++) {
    clock = now - (119 - n) * DAY_MS;
    const { deps, workspaceId } = server;
    const { task } = await deps.tasks.create(workspaceId, {
      type: types[n % 3] ?? "",
      title: `Task ${n} of host${n % 7}`,
      node: `hv-${n % 4}`,
      user: { id: `${n % 5}`, name: "Lee 100%" },
      targets: [{ type: "server", id: `srv-${n % 10}` }],
      payload: { image: `debian-${n % 6}` },
      status: "running",
    });
    if (n % 4 === 0)
      await server.app.inject({
        method: "PATCH",
        url: `/api/v1/tasks/${task.id}`,
        headers,
        payload: { status: "failed", error: { message: `disk full on vol${n}`, code: "disk_full" } },
      });
  }
  clock = now;
});
afterAll(() => server.close());

async function list(
  query: string,
): Promise<{ items: Task[]; nextCursor: string | null; total: { value: number; relation: string } }> {
  const reply = await server.app.inject({ method: "GET", url: `/api/v1/tasks?${query}`, headers });
  expect(reply.statusCode, reply.body).toBe(200);
  return reply.json();
}

/** The numbers of the tasks that a filter finds, over pages of seven. */
async function numbers(query: string): Promise<number[]> {
  const found: number[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const page = await list(`${query}&limit=7${cursor === "" ? "" : `&cursor=${cursor}`}`);
    found.push(...page.items.map((task) => Number(/\d+/.exec(task.title)?.[0])));
    cursor = page.nextCursor;
  }
  return found;
}

const all = Array.from({ length: 120 }, (_, n) => 119 - n);

describe("tasks are found, the newest first and each once, over months and the default partition,", () => {
  test.each<[string, (n: number) => boolean]>([
    ["", () => true],
    ["status=failed", (n) => n % 4 === 0],
    ["status=failed,running", () => true],
    ["status=pending", () => false],
    ["type=instance.deploy", (n) => n % 3 === 0],
    ["type=instance.*", (n) => n % 3 !== 2],
    ["type=instance.*,image.import", () => true],
    ["type=image.import&status=failed", (n) => n % 3 === 2 && n % 4 === 0],
    ["user=3", (n) => n % 5 === 3],
    ["node=hv-2", (n) => n % 4 === 2],
    ["target=server/srv-7", (n) => n % 10 === 7],
    ["q=host3", (n) => n % 7 === 3],
    ["q=HOST3%20debian-1", (n) => n % 7 === 3 && n % 6 === 1],
    ["q=disk_full", (n) => n % 4 === 0],
    ["q=100%25", () => true],
    ["q=vol8&status=failed", (n) => n === 8 || n === 80 || n === 84 || n === 88],
    ["q=nowhere", () => false],
    [`from=${new Date(now - 50 * DAY_MS).toISOString()}`, (n) => n >= 69],
    [`to=${new Date(now - 50 * DAY_MS).toISOString()}`, (n) => n < 69],
  ])("by %s", async (query, fits) => {
    expect(await numbers(query)).toEqual(all.filter(fits));
  });
});

test("the total says whether it is exact", async () => {
  expect((await list("status=failed&limit=5")).total).toEqual({ value: 30, relation: "eq" });
  expect((await list("q=host3&limit=5")).total).toEqual({ value: 5, relation: "gte" });
  expect((await list("q=vol88")).total).toEqual({ value: 1, relation: "eq" });
});

test("a status that there is not is refused, and so is a cursor of something else", async () => {
  const reply = await server.app.inject({ method: "GET", url: "/api/v1/tasks?status=broken", headers });
  expect([reply.statusCode, reply.json().detail]).toEqual([400, expect.stringContaining("pending, running")]);
  const other = await server.app.inject({ method: "GET", url: "/api/v1/tasks?cursor=abc", headers });
  expect(other.json().code).toBe("invalid_cursor");
});

test("a task is made once however often it is sent, also at the same moment", async () => {
  const id = newId(now);
  const send = () =>
    server.app.inject({ method: "POST", url: "/api/v1/tasks", headers, payload: { id, type: "once.only" } });
  const replies = await Promise.all([send(), send(), send()]);
  expect(replies.map((reply) => reply.statusCode).sort()).toEqual([200, 200, 201]);
  expect(replies.map((reply) => reply.json().id)).toEqual([id, id, id]);
  expect((await list("type=once.only")).items).toHaveLength(1);
  const old = await server.app.inject({
    method: "POST",
    url: "/api/v1/tasks",
    headers,
    payload: { id: newId(now - 3 * DAY_MS), type: "once.only" },
  });
  expect(old.statusCode).toBe(400);
});

test("other workspaces have nothing of it", async () => {
  const made = await server.deps.db.query<{ id: number }>(
    "insert into workspace (slug, name) values ('other', 'Other') returning id",
  );
  await server.deps.db.query("insert into log_head (workspace_id) values ($1)", [made.rows[0]?.id]);
  const other = await apiKey(server.deps, { workspace: "other" });
  const mine = (await list("limit=1")).items[0]?.id;
  const reply = await server.app.inject({ method: "GET", url: "/api/v1/tasks", headers: other.headers });
  expect(reply.json().items).toEqual([]);
  const one = await server.app.inject({ method: "GET", url: `/api/v1/tasks/${mine}`, headers: other.headers });
  expect(one.statusCode).toBe(404);
});
