import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildApp, type Deps } from "@daybook/server/app.ts";
import { type Config, configWith, type SettingName } from "@daybook/server/config.ts";
import { openMail } from "@daybook/server/mail/open-mail.ts";
import { openRecord } from "@daybook/server/record/open-record.ts";
import { openTasks } from "@daybook/server/tasks/open-tasks.ts";
import type { FastifyInstance } from "fastify";
import pino from "pino";
import { type TestDatabase, testDatabase } from "./database.ts";

/** The packed network data is made once, not once a test file. */
const testCache = join(tmpdir(), "daybook-test-cache");

export interface TestApp {
  app: FastifyInstance;
  deps: Deps;
  database: TestDatabase;
  workspaceId: number;
  close(): Promise<void>;
}

export interface TestAppOptions {
  config?: Partial<Config>;
  clock?: () => number;
}

/** The dependencies of a server on a fresh database, as `daybook start` makes them. */
export async function testDeps(
  options: TestAppOptions = {},
): Promise<{ deps: Deps; database: TestDatabase; close: () => Promise<void> }> {
  const database = await testDatabase();
  const data = mkdtempSync(join(tmpdir(), "daybook-test-data-"));
  const base = {
    configSources: givenNames(options.config),
    config: configWith({ data, databaseUrl: database.url, requestsPerMinute: 0, ...options.config }),
    db: database.db,
    ownerDb: database.ownerDb,
    log: pino({ level: "silent" }),
    clock: options.clock ?? Date.now,
  };
  const { close: closeRecord, ...record } = await openRecord({ ...base, cacheDir: testCache });
  const tasks = await openTasks({ ...base, ...record });
  const { close: closeMail, ...mail } = await openMail({ ...base, ...record, tasks });
  const close = async () => {
    await closeMail();
    await tasks.close();
    await closeRecord();
    await database.close();
    rmSync(data, { recursive: true, force: true });
  };
  return { deps: { ...base, ...record, tasks, ...mail }, database, close };
}

/** What a test sets counts as set in the environment. */
function givenNames(config: Partial<Config> = {}): Partial<Record<SettingName, "environment">> {
  return Object.fromEntries(Object.keys(config).map((name) => [name, "environment"]));
}

/** The whole application on a fresh database. Call it with `app.inject`, or `await app.listen({ port: 0 })` for a real port. */
export async function testApp(options: TestAppOptions = {}): Promise<TestApp> {
  const { deps, database, close: closeDeps } = await testDeps(options);
  const app = await buildApp(deps);
  const close = async () => {
    await app.close();
    await closeDeps();
  };
  return { app, deps, database, workspaceId: database.workspaceId, close };
}
