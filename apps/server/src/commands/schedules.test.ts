import { apiKey, runDaybook, type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

let server: TestApp;
beforeAll(async () => {
  server = await testApp();
  const { headers } = await apiKey(server.deps);
  for (const [name, payload] of Object.entries({
    nightly: { cron: "0 2 * * *", task: { type: "db.backup" } },
    report: { cron: "@weekly", timeZone: "Europe/Berlin" },
  }))
    await server.app.inject({ method: "PUT", url: `/api/v1/schedules/${name}`, headers, payload });
});
afterAll(() => server.close());

const schedules = (...args: string[]) =>
  runDaybook(["schedules", ...args], {
    env: { DATABASE_URL: server.database.url, DAYBOOK_DATA: server.deps.config.data },
  });

test("schedules are listed, run now, shown, paused and resumed", async () => {
  const list = await schedules("list");
  expect(list.out).toMatch(/^new {5}nightly +never +next .+ daily at 02:00 UTC$/m);
  expect(list.out).toMatch(/^new {5}report +never +next .+ every Sunday at 00:00 Europe\/Berlin$/m);

  expect((await schedules("run", "nightly")).out).toContain("nightly runs");
  expect((await schedules("run", "nightly")).err).toContain("is still running");
  const shown = JSON.parse((await schedules("show", "nightly", "--json")).out);
  expect(shown).toMatchObject({ name: "nightly", runs: [{ state: "running" }] });

  expect((await schedules("pause", "report")).out).toBe("report is paused.\n");
  expect((await schedules("list")).out).toMatch(/^paused {2}report/m);
  expect((await schedules("resume", "report")).code).toBe(0);
  expect((await schedules("show", "unknown")).err).toContain("There is no schedule unknown");
});
