import { type Finished, runDaybook, type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

let server: TestApp;
beforeAll(async () => {
  server = await testApp();
});
afterAll(() => server.close());

const settings = (args: string[], env: Record<string, string> = {}): Promise<Finished> =>
  runDaybook(["settings", ...args], {
    env: { DATABASE_URL: server.database.url, DAYBOOK_DATA: server.deps.config.data, ...env },
  });

test("a setting is changed, shown and reset; the running server follows and the log has old and new", async () => {
  const made = await settings(["set", "redactFields", "ssn,", "loyalty", "number"]);
  expect(made).toMatchObject({ code: 0, err: "", out: "redactFields is ssn,loyalty,number.\n" });
  const held = () => server.deps.settings.of(server.workspaceId).redactFields;
  await vi.waitFor(() => expect(held()).toEqual(["ssn", "loyalty", "number"]), { timeout: 5_000 });

  expect((await settings(["set", "noticeNewLocation", "no", "--json"])).out).toContain('"value":false');
  expect((await settings(["get", "noticeNewLocation"])).out).toBe("no\n");
  await settings(["set", "redactFields"]);
  const items = JSON.parse((await settings(["list", "--json"])).out).items;
  const shown = items.map(({ name, value, source }: Record<string, unknown>) => ({ name, value, source }));
  expect(shown).toContainEqual({ name: "redactFields", value: [], source: "default" });
  expect(shown).toContainEqual({ name: "noticeNewLocation", value: false, source: "workspace" });

  const { rows } = await server.deps.db.query(
    "select auth, changes from event where action = 'settings.updated' order by seq limit 1",
  );
  const changes = JSON.stringify([{ field: "redactFields", new: ["ssn", "loyalty", "number"], old: [] }]);
  expect(rows).toEqual([{ auth: 4, changes }]);
});

test("wrong use is told with exit code 2, and what the environment fixes stays", async () => {
  expect(await settings(["set", "timeZone", "Atlantis"])).toMatchObject({ code: 2 });
  expect((await settings(["set", "sessionHours", "many"])).code).toBe(2);
  expect((await settings(["get", "colour"])).err).toContain("there are timeZone, brandName");
  const fixed = await settings(["set", "timeZone", "UTC"], { DAYBOOK_TIME_ZONE: "Europe/Berlin" });
  expect(fixed).toMatchObject({ code: 1 });
  expect(fixed.err).toContain("DAYBOOK_TIME_ZONE");
  expect((await settings(["get", "timeZone"], { DAYBOOK_TIME_ZONE: "Europe/Berlin" })).out).toBe("Europe/Berlin\n");
});
