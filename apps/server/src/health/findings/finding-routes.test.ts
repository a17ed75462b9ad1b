import type { Finding, Task } from "@daybook/contract";
import { findingCodes } from "@daybook/contract";
import {
  addWorkspace,
  apiKey,
  runDaybook,
  signedInClient,
  type TestApp,
  temporaryDirectory,
  testApp,
} from "@daybook/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { FindingBook } from "./finding-book.ts";

let server: TestApp;
/** How much the clock of this server is ahead. */
let aheadMs = 0;

beforeAll(async () => {
  server = await testApp({ clock: () => Date.now() + aheadMs });
});
afterAll(() => server.close());
beforeEach(() => {
  aheadMs = 0;
});

/** Bypasses what is kept for the consoles. */
async function fresh(): Promise<Finding[]> {
  const { db, clock, tasks } = server.deps;
  return new FindingBook({ db, clock, usual: tasks.usual, role: "all" }).of(server.workspaceId);
}

test("a server whose clock is wrong is found, a little or much", async () => {
  expect(await fresh()).toEqual([]);
  aheadMs = 5_000;
  expect(await fresh()).toMatchObject([{ code: "clock_skew", about: "server", severity: "warning" }]);
  aheadMs = -40_000;
  const [finding] = await fresh();
  expect(finding).toMatchObject({
    severity: "critical",
    found: expect.stringMatching(/^It is (39|40)\.\d s behind the database's\.$/),
  });
  expect(finding?.screens).toEqual(["tasks", "schedules", "activity"]);
  aheadMs = 0;
  expect(await fresh()).toEqual([]);
});

const doctor = (...flags: string[]) =>
  runDaybook(["doctor", ...flags], {
    env: { DATABASE_URL: server.database.url, DAYBOOK_DATA: temporaryDirectory(), DAYBOOK_PORT: "0" },
  });

describe("a task that waits for somebody at an address", () => {
  let id: string;
  beforeAll(async () => {
    const { headers } = await apiKey(server.deps);
    const inject = (method: "POST" | "PATCH", url: string, payload: object) =>
      server.app.inject({ method, url: `/api/v1${url}`, headers, payload });
    aheadMs = -2 * 3_600_000;
    const made = await inject("POST", "/tasks", {
      type: "instance.deploy",
      title: "Deploy web-1",
      status: "running",
      node: "hv-07",
    });
    id = made.json<Task>().id;
    await inject("POST", `/tasks/${id}/lines`, [{ text: "kim@acme.example: waiting for response from 192.0.2.7" }]);
    // What happened then was told then.
    await server.deps.db.query("update task_happening set told = true");
  });

  test("is the same over the API and in doctor, which fails", async () => {
    const owner = await signedInClient(server);
    const reply = await owner.request("GET", "/health/findings");
    expect(reply.statusCode).toBe(200);
    const items = reply.json<{ items: Finding[] }>().items;
    expect(items.map(({ code, about }) => [code, about])).toEqual([["task_stuck", id]]);
    expect(items[0]?.found).toContain("kim@acme.example: waiting for response from 192.0.2.7");

    const run = await doctor("--json");
    const { ok, checks } = JSON.parse(run.out);
    const check = checks.find(({ name }: { name: string }) => name === "task_stuck");
    expect(check).toMatchObject({
      workspace: "main",
      about: id,
      state: "failed",
      mend: items[0]?.mend,
      command: items[0]?.command,
    });
    expect(check.found).toContain(items[0]?.title);
    expect([ok, run.code]).toEqual([false, 1]);

    // The same in the invented company is no failure.
    await server.deps.ownerDb.query("update workspace set settings = settings || '{\"demo\": {}}' where slug = 'main'");
    const demo = await doctor("--json");
    expect(JSON.parse(demo.out).checks).toContainEqual(
      expect.objectContaining({ name: "task_stuck", state: "warning" }),
    );
    expect(demo.code).toBe(0);
    await server.deps.ownerDb.query("update workspace set settings = settings - 'demo'");
    const human = await doctor();
    expect(human.out).toContain("task_stuck         main: Deploy web-1 waits for the hypervisor to answer on hv-07");
    expect(human.out).toContain(`\n         ${items[0]?.command}`);
  });

  test("is masked for those who may not see personal data", async () => {
    const { headers } = await apiKey(server.deps, { scopes: ["tasks:read"] });
    const reply = await server.app.inject({ method: "GET", url: "/api/v1/health/findings", headers });
    const [finding] = reply.json<{ items: Finding[] }>().items;
    expect(finding?.found).toContain("Its last line: •••: waiting for response from •••");
    expect(reply.body).not.toContain("acme.example");
  });

  test("is no business of another workspace", async () => {
    await addWorkspace(server.deps, "other");
    const { headers } = await apiKey(server.deps, { workspace: "other" });
    const reply = await server.app.inject({ method: "GET", url: "/api/v1/health/findings", headers });
    expect(reply.json()).toEqual({ items: [] });
  });

  test("is counted in the metrics, where every code stands", async () => {
    const { body } = await server.app.inject({ method: "GET", url: "/metrics", remoteAddress: "127.0.0.1" });
    const counts = new Map(
      [...body.matchAll(/^daybook_findings\{code="(\w+)"\} (\d+)$/gm)].map(([, code, number]) => [code, number]),
    );
    expect([...counts.keys()].sort()).toEqual([...findingCodes].sort());
    expect(counts.get("task_stuck")).toBe("1");
    expect(counts.get("no_worker")).toBe("0");
  });
});

test("a hundred consoles that ask at once cost one reading", async () => {
  const { db, clock, tasks } = server.deps;
  let queries = 0;
  const counting = new Proxy(db, {
    get(target, name) {
      if (name === "query") queries++;
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const book = new FindingBook({ db: counting, clock, usual: tasks.usual, role: "all" });
  await book.of(server.workspaceId);
  const once = queries;
  expect(once).toBeGreaterThan(3);
  const other = new FindingBook({ db: counting, clock, usual: tasks.usual, role: "all" });
  await Promise.all(Array.from({ length: 100 }, () => other.of(server.workspaceId)));
  await other.of(server.workspaceId);
  expect(queries - once).toBe(once);
});
