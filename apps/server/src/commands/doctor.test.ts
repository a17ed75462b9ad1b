import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { runDaybook, temporaryDirectory, testDatabase } from "@daybook/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";

let data: string;

beforeEach(() => {
  data = join(temporaryDirectory(), "data");
});

afterEach(() => rmSync(join(data, ".."), { recursive: true, force: true }));

interface Report {
  ok: boolean;
  checks: { name: string; state: string; found: string; mend?: string }[];
}

async function doctor(env: Record<string, string> = {}): Promise<{ code: number | null; report: Report }> {
  const run = await runDaybook(["doctor", "--json"], { env: { DAYBOOK_DATA: data, DAYBOOK_PORT: "0", ...env } });
  return { code: run.code, report: JSON.parse(run.out) };
}

test("before the first start it finds nothing failed and makes nothing", async () => {
  const { code, report } = await doctor();
  expect(report.checks.filter(({ state }) => state === "failed")).toEqual([]);
  expect(code).toBe(0);
  expect(existsSync(join(data, "pg-version"))).toBe(false);
});

test("a healthy database passes every check", async () => {
  const database = await testDatabase();
  const { code, report } = await doctor({ DATABASE_URL: database.url });
  const states = new Map(report.checks.map(({ name, state }) => [name, state]));
  for (const name of ["PostgreSQL", "extension pg_trgm", "schema", "clock", "rights", "requests"])
    expect(states.get(name), name).toBe("ok");
  expect(code).toBe(0);
  await database.close();
});

test("rights that let requests change the log are a failure, with the command that mends it", async () => {
  const database = await testDatabase();
  await database.ownerDb.query("grant update on event to daybook_app");
  const { code, report } = await doctor({ DATABASE_URL: database.url });
  expect(report.checks.find(({ name }) => name === "rights")).toMatchObject({
    state: "failed",
    mend: "revoke update, delete on event from daybook_app",
  });
  expect(code).toBe(1);
  await database.close();
});

test("a database that does not answer and a taken port are failures", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const { port } = other.address() as { port: number };
  const { code, report } = await doctor({
    DAYBOOK_PORT: String(port),
    DATABASE_URL: "postgresql://nobody:x@127.0.0.1:1/none",
  });
  other.close();
  expect(code).toBe(1);
  expect(report.checks.find(({ name }) => name === "port")?.mend).toContain("DAYBOOK_PORT");
  expect(report.checks.find(({ name }) => name === "database")?.mend).toContain("DATABASE_URL");
});

test("a key that others can read is a failure, with the command that mends it", async () => {
  mkdirSync(join(data, "keys"), { recursive: true, mode: 0o700 });
  writeFileSync(join(data, "keys", "log.key"), "secret", { mode: 0o644 });
  const { code, report } = await doctor();
  const check = report.checks.find(({ name }) => name === "data directory");
  expect(check).toMatchObject({ state: "failed", mend: `chmod go= '${join(data, "keys", "log.key")}'` });
  expect(code).toBe(1);
});
