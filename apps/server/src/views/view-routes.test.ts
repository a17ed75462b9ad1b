import { addWorkspace, apiKey, type SignedInClient, signedInClient, type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

let server: TestApp;
let dana: SignedInClient;
let lee: SignedInClient;
let sam: SignedInClient;
beforeAll(async () => {
  server = await testApp();
  dana = await signedInClient(server, { name: "Dana" });
  lee = await signedInClient(server, { name: "Lee" });
  sam = await signedInClient(server, { name: "Sam", role: "support" });
});
afterAll(() => server.close());
beforeEach(() => server.deps.ownerDb.query("delete from saved_view"));

const failedLogins = { name: "Failed sign-ins", screen: "logins", search: { q: "outcome:failure", range: "30d" } };

async function save(who: SignedInClient, more: object = {}): Promise<string> {
  const reply = await who.request("POST", "/views", { ...failedLogins, ...more });
  expect(reply.statusCode, reply.body).toBe(201);
  return reply.json().id;
}

const names = async (who: SignedInClient): Promise<string[]> =>
  (await who.request("GET", "/views")).json().items.map((view: { name: string }) => view.name);

async function viewEvents(): Promise<{ action: string; target_name: string; changes: string | null }[]> {
  const { rows } = await server.deps.db.query(
    "select action, target_name, changes from event where action like 'log.view.%' order by seq",
  );
  return rows;
}

test("a view is saved with what it shows, seen by whoever saved it alone, and not told to the log", async () => {
  const told = (await viewEvents()).length;
  const id = await save(dana);
  const [view] = (await dana.request("GET", "/views")).json().items;
  expect(view).toMatchObject({ id, ...failedLogins, shared: false, own: true, savedBy: "Dana" });
  expect(await names(lee)).toEqual([]);
  expect((await lee.request("PATCH", `/views/${id}`, { name: "Mine" })).statusCode).toBe(404);
  expect((await lee.request("DELETE", `/views/${id}`)).statusCode).toBe(404);
  expect((await viewEvents()).length).toBe(told);
});

test("a shared view is everybody's; saving, changing and deleting it is recorded with old and new", async () => {
  const told = (await viewEvents()).length;
  const id = await save(dana, { shared: true });
  expect(await names(lee)).toEqual(["Failed sign-ins"]);
  const search = { q: "outcome:denied", columns: ["time", "who"] };
  const changed = await lee.request("PATCH", `/views/${id}`, { name: "Denied", search });
  expect(changed.json()).toMatchObject({ name: "Denied", search, own: false, savedBy: "Dana" });
  expect((await lee.request("DELETE", `/views/${id}`)).statusCode).toBe(204);
  expect(await names(dana)).toEqual([]);
  const [saved, updated, deleted] = (await viewEvents()).slice(told);
  expect([saved?.action, updated?.action, deleted?.action]).toEqual([
    "log.view.saved",
    "log.view.updated",
    "log.view.deleted",
  ]);
  expect(JSON.parse(updated?.changes ?? "[]")).toEqual([
    { field: "name", old: "Failed sign-ins", new: "Denied" },
    { field: "q", old: "outcome:failure", new: "outcome:denied" },
    { field: "range", old: "30d", new: null },
    { field: "columns", old: null, new: ["time", "who"] },
  ]);
});

test("sharing needs the permission; a view of one's own does not", async () => {
  const refused = await sam.request("POST", "/views", { ...failedLogins, shared: true });
  expect(refused.json()).toMatchObject({ code: "forbidden", permission: "views.share" });
  const own = await save(sam);
  expect((await sam.request("PATCH", `/views/${own}`, { shared: true })).statusCode).toBe(403);
  const shared = await save(dana, { shared: true });
  expect((await sam.request("PATCH", `/views/${shared}`, { name: "x" })).statusCode).toBe(403);
  expect((await sam.request("DELETE", `/views/${shared}`)).statusCode).toBe(403);
});

test("only whoever saved a shared view makes it private again", async () => {
  const id = await save(dana, { shared: true });
  expect((await lee.request("PATCH", `/views/${id}`, { shared: false })).json().detail).toContain("Dana");
  expect((await dana.request("PATCH", `/views/${id}`, { shared: false })).statusCode).toBe(200);
  expect(await names(lee)).toEqual([]);
});

test("a name is used once by one person, and by another as well", async () => {
  await save(dana);
  const again = await dana.request("POST", "/views", { ...failedLogins, name: "FAILED sign-ins" });
  expect(again.json()).toMatchObject({ code: "conflict" });
  await save(lee);
});

test("a view of one workspace is not in another", async () => {
  await addWorkspace(server.deps, "other");
  const stranger = await signedInClient(server, { workspace: "other" });
  const id = await save(dana, { shared: true });
  expect(await names(stranger)).toEqual([]);
  expect((await stranger.request("DELETE", `/views/${id}`)).statusCode).toBe(404);
});

test("a query that is none, an unknown screen and a bad column are refused", async () => {
  const send = async (more: object) => (await dana.request("POST", "/views", { ...failedLogins, ...more })).json().code;
  expect(await send({ search: { q: "outcom:failure" } })).toBe("invalid_query");
  expect(await send({ screen: "kitchen" })).toBe("invalid_request");
  expect(await send({ search: { columns: ["<b>"] } })).toBe("invalid_request");
  expect(await send({ search: { q: "x", cookie: "y" } })).toBe("invalid_request");
});

test("views are for people, not for API keys", async () => {
  const { headers } = await apiKey(server.deps);
  expect((await server.app.inject({ url: "/api/v1/views", headers })).statusCode).toBe(403);
  expect((await server.app.inject({ url: "/api/v1/views" })).statusCode).toBe(401);
});

test("how somebody likes the console is kept with them", async () => {
  const choices = { theme: "dark", zone: "Europe/Berlin", density: "compact", columns: { logins: ["time", "who"] } };
  expect((await dana.request("GET", "/me/display")).json()).toEqual({});
  expect((await dana.request("PUT", "/me/display", choices)).json()).toEqual(choices);
  expect((await dana.request("GET", "/me/display")).json()).toEqual(choices);
  expect((await lee.request("GET", "/me/display")).json()).toEqual({});
  expect((await dana.request("PUT", "/me/display", { theme: "pink" })).statusCode).toBe(400);
});
