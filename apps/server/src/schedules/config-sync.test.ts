import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apiKey, testApp } from "@daybook/testkit";
import { afterEach, expect, test } from "vitest";
import { loadConfig } from "../config.ts";
import { listSettings } from "../workspace/settings-acts.ts";
import { syncConfigSchedules } from "./config-sync.ts";

const cwd = mkdtempSync(join(tmpdir(), "daybook-schedules-"));
afterEach(() => rmSync(join(cwd, "daybook.config.json"), { force: true }));

function load(schedules: unknown) {
  writeFileSync(join(cwd, "daybook.config.json"), JSON.stringify({ schedules }));
  return loadConfig({ env: {}, cwd }).config.schedules;
}

test("the schedules of the file are those of the database, and are changed there alone", async () => {
  const server = await testApp();
  const { headers } = await apiKey(server.deps);
  const call = (method: "GET" | "PUT" | "PATCH" | "DELETE", path: string, payload?: object) =>
    server.app.inject({ method, url: `/api/v1${path}`, headers, ...(payload ? { payload } : {}) });
  const sync = (schedules: unknown) =>
    syncConfigSchedules({ ...server.deps, config: { ...server.deps.config, schedules: load(schedules) } });
  const nightly = { name: "nightly", cron: "0 2 * * *", timeZone: "Europe/Berlin", task: { type: "db.backup" } };
  await call("PUT", "/schedules/own", { cron: "@hourly" });

  await sync([nightly, { name: "report", cron: "@weekly" }]);
  await sync([nightly, { name: "report", cron: "@weekly" }]);
  expect((await call("GET", "/schedules/nightly")).json()).toMatchObject({ source: "config", kind: "task" });
  for (const refused of [
    await call("PUT", "/schedules/nightly", { cron: "@daily" }),
    await call("PATCH", "/schedules/nightly", { paused: true }),
    await call("DELETE", "/schedules/nightly"),
  ])
    expect(refused.json()).toMatchObject({
      status: 409,
      code: "schedule_read_only",
      detail: expect.stringContaining("config"),
    });

  const shown = listSettings(
    { ...server.deps, config: { ...server.deps.config, schedules: load([nightly]) } },
    server.workspaceId,
  );
  expect(shown.installation.find(({ name }) => name === "schedules")?.value).toEqual(["nightly"]);

  await sync([{ ...nightly, cron: "0 3 * * *" }]);
  const names = (await call("GET", "/schedules")).json().items.map((item: { name: string }) => item.name);
  expect(names).toEqual(["nightly", "own"]);
  expect((await call("GET", "/schedules/nightly")).json().inWords).toBe("daily at 03:00 Europe/Berlin");
  const { rows } = await server.deps.db.query(
    "select action, target_id from event where actor_type = 3 and action like 'schedule.%' order by seq",
  );
  expect(rows).toEqual([
    { action: "schedule.created", target_id: "nightly" },
    { action: "schedule.created", target_id: "report" },
    { action: "schedule.updated", target_id: "nightly" },
    { action: "schedule.deleted", target_id: "report" },
  ]);
  await server.close();
});

test.each([
  [{ name: "x" }, /schedules/],
  [[{ name: "x" }], /the schedule x, cron/],
  [[{ name: "x", cron: "61 * * * *" }], /the schedule x: The minute of "61 \* \* \* \*" is 61/],
  [[{ name: "a b", cron: "@daily" }], /is not the name of a schedule/],
  [
    [
      { name: "x", cron: "@daily" },
      { name: "x", cron: "@daily" },
    ],
    /x is there twice/,
  ],
  [[{ name: "x", cron: "@daily", timezone: "UTC" }], /timezone/],
])("a file with %j is refused with the reason", (schedules, reason) => {
  expect(() => load(schedules)).toThrow(reason);
});
