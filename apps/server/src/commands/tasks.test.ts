import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Task } from "@daybook/contract";
import { apiKey, type Finished, launcher, runDaybook, type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

let server: TestApp;
let headers: Record<string, string>;

beforeAll(async () => {
  server = await testApp();
  ({ headers } = await apiKey(server.deps));
  await send("PUT", "/task-types/instance.deploy", { idempotent: true, endpoint: "https://panel.example.com/run" });
});
afterAll(() => server.close());

const env = (): Record<string, string> => ({
  DATABASE_URL: server.database.url,
  DAYBOOK_DATA: server.deps.config.data,
});
const daybook = (...args: string[]): Promise<Finished> => runDaybook(["tasks", ...args], { env: env() });

async function send(method: "POST" | "PUT" | "PATCH" | "GET", path: string, body?: object) {
  const url = `/api/v1${path}`;
  const reply = await server.app.inject({ method, url, headers, ...(body === undefined ? {} : { payload: body }) });
  expect(reply.statusCode, reply.body).toBeLessThan(300);
  return reply.json();
}

const make = (task: object): Promise<Task> => send("POST", "/tasks", task);
const read = (id: string): Promise<Task> => send("GET", `/tasks/${id}`);

test("list shows the newest first, narrowed by filters, for people and as one document", async () => {
  const first = await make({
    type: "instance.backup",
    title: "Back up\u001b[31m mc-01",
    status: "running",
    node: "hv-1",
  });
  const second = await make({
    type: "instance.backup",
    targets: [{ type: "server", id: "srv-2" }],
    user: { id: "77" },
    status: "running",
  });
  await send("PATCH", `/tasks/${second.id}`, { status: "failed", error: "no space left" });
  const listed = JSON.parse((await daybook("list", "--type", "instance.*", "--json")).out);
  expect(listed).toMatchObject({ nextCursor: null, total: { value: 2, relation: "eq" } });
  expect(listed.items.map(({ id }: Task) => id)).toEqual([second.id, first.id]);
  const idsOf = async (...args: string[]) =>
    JSON.parse((await daybook("list", ...args, "--json")).out).items.map(({ id }: Task) => id);
  expect(await idsOf("--status", "failed", "--user", "77", "--target", "server/srv-2")).toEqual([second.id]);
  expect(await idsOf("--node", "hv-1", "--since", "1h")).toEqual([first.id]);
  expect(await idsOf("--text", "space left")).toEqual([second.id]);
  expect(await idsOf("--limit", "1")).toEqual([second.id]);
  const people = await daybook("list");
  expect(people).toMatchObject({ code: 0, err: "" });
  expect(people.out).toMatch(new RegExp(`^${second.id}  \\d{4}-.* failed .*no space left\n${first.id} .*mc-01`));
  expect(people.out).not.toContain("\u001b");
  expect((await daybook("list", "--type", "none.such")).out).toBe("Nothing found.\n");
});

test("show tells a task with its error and what happened to it", async () => {
  const { id } = await make({ type: "instance.backup", status: "running", targets: [{ type: "server", id: "srv-3" }] });
  await send("PATCH", `/tasks/${id}`, { status: "failed", error: { message: "no space left", code: "ENOSPC" } });
  const { out } = await daybook("show", id);
  expect(out).toContain("status    failed, 0 %");
  expect(out).toContain("targets   server/srv-3");
  expect(out).toContain("error     ENOSPC: no space left");
  expect(out).toMatch(/attempt 1 {2}created, key \d+\n.*started.*\n.*failed/);
  expect(JSON.parse((await daybook("show", id, "--json")).out)).toMatchObject({ id, happenings: { length: 3 } });
});

test("retry and cancel work on the database, say what came of it, and the log says who did it", async () => {
  const pending = await make({ type: "instance.deploy" });
  expect((await daybook("cancel", pending.id)).out).toBe("It is cancelled: no worker will take it.\n");
  expect((await read(pending.id)).status).toBe("cancelled");
  const refused = await daybook("cancel", pending.id);
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining("only a pending one can be cancelled") });
  const failed = await make({ type: "instance.deploy" });
  await server.deps.db.query("update task set status = 3 where id = $1", [failed.id]);
  const retried = await daybook("retry", failed.id, "--json");
  expect(JSON.parse(retried.out)).toMatchObject({ id: failed.id, status: "pending", attempt: 2 });
  const { rows } = await server.deps.db.query<{ actor: { type: string }; origin: { auth: string } }>(
    "select actor, origin from task_happening where task_id = $1 order by n desc limit 1",
    [failed.id],
  );
  expect(rows).toMatchObject([{ actor: { type: "staff" }, origin: { auth: "cli" } }]);
});

test("what is no id, no status or no task is said", async () => {
  expect(await daybook("show", "42")).toMatchObject({ code: 2, err: expect.stringContaining("daybook tasks list") });
  expect((await daybook("list", "--status", "lost")).code).not.toBe(0);
  expect(await daybook("lines", "0198f0c2-0000-7000-8000-000000000000")).toMatchObject({
    code: 1,
    err: expect.stringContaining("There is no task"),
  });
});

test("lines keeps the two streams apart, without colours for a file, or gives them as JSON", async () => {
  const { id } = await make({ type: "instance.backup", status: "running" });
  const lines = [{ text: "one" }, { text: "\u001b[31mtwo\u001b[0m", stream: "err" }, { text: "three" }];
  await send("POST", `/tasks/${id}/lines`, { lines, from: 0 });
  expect(await daybook("lines", id)).toEqual({ code: 0, out: "one\nthree\n", err: "two\n" });
  expect((await daybook("lines", id, "--last", "1")).out).toBe("three\n");
  const documents = (await daybook("lines", id, "--json")).out.trimEnd().split("\n");
  expect(documents.map((line) => JSON.parse(line))).toMatchObject([
    { n: 0, stream: "out", text: "one" },
    { n: 1, stream: "err" },
    { n: 2 },
  ]);
});

test("lines --follow goes on as they come and ends with the task", async () => {
  const { id } = await make({ type: "instance.backup", status: "running" });
  await send("POST", `/tasks/${id}/lines`, { lines: [{ text: "one" }], from: 0 });
  const child = spawn(process.execPath, [launcher, "tasks", "lines", id, "--follow"], {
    env: { ...process.env, ...env() },
  });
  let out = "";
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  await expect.poll(() => out, { timeout: 15_000 }).toBe("one\n");
  await send("POST", `/tasks/${id}/lines`, { lines: [{ text: "two" }], from: 1 });
  await expect.poll(() => out, { timeout: 5_000 }).toBe("one\ntwo\n");
  await send("POST", `/tasks/${id}/lines`, { lines: [{ text: "three" }], from: 2 });
  await send("PATCH", `/tasks/${id}`, { status: "completed" });
  expect((await once(child, "close"))[0]).toBe(0);
  expect(out).toBe("one\ntwo\nthree\n");
});
