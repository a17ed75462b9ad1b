import { scopes } from "@daybook/contract";
import { addWorkspace, type Finished, runDaybook, type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

let server: TestApp;
beforeAll(async () => {
  server = await testApp();
});
afterAll(() => server.close());

const keys = (...args: string[]): Promise<Finished> =>
  runDaybook(["keys", ...args], {
    env: { DATABASE_URL: server.database.url, DAYBOOK_DATA: server.deps.config.data },
  });

const status = async (key: string) =>
  (await server.app.inject({ url: "/api/v1/api-keys", headers: { authorization: `Bearer ${key}` } })).statusCode;

test("a key is made, listed without its secret, rotated and revoked, and the running server knows at once", async () => {
  const made = await keys(
    "create",
    "--name",
    "the panel",
    "--scope",
    "keys:manage, events:read",
    "--expires",
    "90d",
    "--json",
  );
  expect(made).toMatchObject({ code: 0, err: "" });
  const { id, key, ...rest } = JSON.parse(made.out);
  expect(rest).toEqual({});
  expect(await status(key)).toBe(200);

  const list = JSON.parse((await keys("list", "--json")).out);
  expect(list.items).toMatchObject([{ id, name: "the panel", scopes: ["keys:manage", "events:read"] }]);
  const days = (Date.parse(list.items[0].expiresAt) - Date.now()) / 86_400_000;
  expect(Math.round(days)).toBe(90);
  expect((await keys("list")).out).not.toContain(key);

  const rotated = JSON.parse((await keys("rotate", id, "--grace", "0h", "--json")).out);
  await vi.waitFor(async () => expect(await status(key)).toBe(401), { timeout: 2_000 });
  expect(await status(rotated.key)).toBe(200);

  expect((await keys("revoke", rotated.id)).out).toBe(`The key ${rotated.id} is revoked.\n`);
  await vi.waitFor(async () => expect(await status(rotated.key)).toBe(401), { timeout: 2_000 });
  const actions = await server.deps.db.query("select action, auth from event where category = 'api_key' order by seq");
  expect(actions.rows).toEqual(["created", "rotated", "revoked"].map((act) => ({ action: `api_key.${act}`, auth: 4 })));
});

test("a key belongs to the workspace that is named", async () => {
  await addWorkspace(server.deps, "brand-two");
  const made = JSON.parse(
    (await keys("create", "--name", "x", "--scope", "events:write", "--workspace", "brand-two", "--json")).out,
  );
  const found = await server.deps.db.query(
    "select w.slug from api_key k join workspace w on w.id = k.workspace_id where k.id = $1",
    [made.id],
  );
  expect(found.rows).toEqual([{ slug: "brand-two" }]);
});

test("wrong usage ends with 2 and says what there is", async () => {
  const [scope, time, id, workspace] = await Promise.all([
    keys("create", "--name", "x", "--scope", "events:write,everything"),
    keys("create", "--name", "x", "--scope", "events:write", "--expires", "soon"),
    keys("revoke", "42"),
    keys("create", "--name", "x", "--scope", "events:write", "--workspace", "brand-nine"),
  ]);
  expect(scope).toMatchObject({
    code: 2,
    err: `daybook: There is no scope everything. Scopes are ${scopes.join(", ")}.\n`,
  });
  expect(time).toMatchObject({ code: 2, err: expect.stringContaining("90d") });
  expect(id).toMatchObject({ code: 2, err: expect.stringContaining("daybook keys list") });
  expect(workspace).toMatchObject({ code: 1, err: expect.stringContaining("There are: main, brand-two") });
});
