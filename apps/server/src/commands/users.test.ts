import { userInfo } from "node:os";
import { type Finished, runDaybook, signedInClient, type TestApp, testApp, testPassword } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

let server: TestApp;
beforeAll(async () => {
  server = await testApp();
});
afterAll(() => server.close());

/** The command as an operator runs it, on the database of the running server. */
const users = (args: string[], input?: string): Promise<Finished> =>
  runDaybook(["users", ...args], {
    env: { DATABASE_URL: server.database.url, DAYBOOK_DATA: server.deps.config.data },
    ...(input === undefined ? {} : { input }),
  });

const signIn = (email: string, password: string) =>
  server.app.inject({ method: "POST", url: "/api/v1/sessions", payload: { email, password } });

const choose = (link: string, password: string) =>
  server.app.inject({ method: "POST", url: "/api/v1/passwords", payload: { token: link.split("#")[1], password } });

const events = async (action: string) =>
  (
    await server.deps.db.query(
      "select actor_type, actor_id, auth, ip, target_name from event where action = $1 order by seq",
      [action],
    )
  ).rows;

test("somebody is added with a password from standard input, and signs in with it", async () => {
  const made = await users(
    ["create", "--email", "dana@acme.example", "--name", "Dana", "--role", "owner", "--password-stdin", "--json"],
    `${testPassword}\n`,
  );
  expect(made).toMatchObject({ code: 0, err: "" });
  expect(JSON.parse(made.out)).toEqual({
    id: expect.any(String),
    email: "dana@acme.example",
    role: "owner",
    workspace: "main",
  });
  expect((await signIn("dana@acme.example", testPassword)).json().workspaces[0]).toMatchObject({ role: "owner" });
  // Who did it: the user of the operating system, at the command line, from no address.
  expect(await events("staff.created")).toEqual([
    { actor_type: 1, actor_id: userInfo().username, auth: 4, ip: null, target_name: "Dana" },
  ]);
});

test("without a password there is a link, good for one choice, and a weak choice does not use it up", async () => {
  const made = await users(["create", "--email", "lee@acme.example", "--role", "auditor", "--json"]);
  const { link } = JSON.parse(made.out);
  expect(link).toMatch(/^http:\/\/127\.0\.0\.1:4600\/password#[\w-]{43}$/);
  expect((await signIn("lee@acme.example", "")).statusCode).toBe(400);
  expect((await signIn("lee@acme.example", testPassword)).statusCode).toBe(401);
  expect((await choose(link, "short")).json().code).toBe("weak_password");
  expect((await choose(link, testPassword)).statusCode).toBe(204);
  expect((await choose(link, "a tower over the river")).json().code).toBe("link_invalid");
  expect((await signIn("lee@acme.example", testPassword)).statusCode).toBe(201);
  expect(await events("auth.password.changed")).toMatchObject([{ target_name: "lee@acme.example" }]);
  const stored = await server.deps.ownerDb.query("select password_link::text as row from password_link");
  for (const { row } of stored.rows) expect(row).not.toContain(link.split("#")[1]);
});

test("a reset ends the open sessions once the link is used, and turns two factors off when asked to", async () => {
  const mia = await signedInClient(server);
  await server.deps.db.query(
    "update staff set totp_secret = 'GEZDGNBVGY3TQOJQ', totp_enabled_at = now() where id = $1",
    [mia.member.id],
  );
  const first = JSON.parse((await users(["reset-password", mia.member.email, "--json"])).out).link;
  const second = JSON.parse(
    (await users(["reset-password", mia.member.email, "--two-factors-off", "--json"])).out,
  ).link;
  expect((await mia.request("GET", "/me")).json().staff.totpEnabled).toBe(false);
  expect((await choose(first, "a tower over the river")).json().code).toBe("link_invalid");
  expect((await choose(second, "a tower over the river")).statusCode).toBe(204);
  expect((await mia.request("GET", "/me")).statusCode).toBe(401);
  expect((await signIn(mia.member.email, "a tower over the river")).statusCode).toBe(201);
  expect(await events("auth.password.reset.requested")).toHaveLength(2);
  expect(await events("auth.two_factor.reset")).toHaveLength(1);
});

test("somebody is shut out at once and let in again", async () => {
  const sam = await signedInClient(server);
  expect(await users(["disable", sam.member.email])).toMatchObject({
    code: 0,
    out: `${sam.member.email} is disabled now.\n`,
  });
  expect((await sam.request("GET", "/me")).statusCode).toBe(401);
  expect(await users(["disable", sam.member.email])).toMatchObject({
    code: 1,
    err: `daybook: ${sam.member.email} is disabled already.\n`,
  });
  expect((await users(["list"])).out).toMatch(new RegExp(`${sam.member.email} +main:owner .* disabled`));
  expect((await users(["enable", sam.member.email])).code).toBe(0);
  expect((await signIn(sam.member.email, testPassword)).statusCode).toBe(201);
});

test("wrong usage ends with 2 and says what is right, other refusals with 1", async () => {
  const [role, email, twice, nobody, weak, missing] = await Promise.all([
    users(["create", "--email", "x@acme.example", "--role", "emperor"]),
    users(["create", "--email", "not an address", "--role", "owner"]),
    users(["create", "--email", "DANA@acme.example", "--role", "owner"]),
    users(["disable", "nobody@acme.example"]),
    users(["create", "--email", "y@acme.example", "--role", "owner", "--password-stdin"], "password1234\n"),
    users(["create", "--role", "owner"]),
  ]);
  expect(role).toMatchObject({
    code: 2,
    err: expect.stringContaining("owner, administrator, auditor, support, billing"),
  });
  expect(email).toMatchObject({ code: 2, err: expect.stringContaining("not an e-mail address") });
  expect(twice).toMatchObject({ code: 1, err: expect.stringContaining("already") });
  expect(nobody).toMatchObject({ code: 1, err: expect.stringContaining("Nobody has the address") });
  expect(weak).toMatchObject({ code: 1, err: expect.stringContaining("lists that attackers try first") });
  expect(missing.code).toBe(2);
  expect(`${weak.out}${weak.err}`).not.toContain("password1234");
});
