import type { TestProject } from "vitest/node";
import { startTestPostgres } from "./postgres.ts";

/** Runs once before all tests: one PostgreSQL that `testDatabase()` clones databases on. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startTestPostgres();
  project.provide("postgresUrl", postgres.url);
  return postgres.stop;
}
