import { type SignedInClient, signedInClient, type TestApp, testApp, testPassword } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { totpCode } from "./totp.ts";

let server: TestApp;
let owner: SignedInClient;
let now = Date.parse("2026-11-20T10:00:00.000Z");

beforeAll(async () => {
  server = await testApp({ clock: () => now });
  owner = await signedInClient(server, { email: "olga@acme.example", name: "Olga" });
});

afterAll(() => server.close());

interface Told {
  id: string;
  link?: string;
}

async function invite(by: SignedInClient, email: string, role: string): Promise<Told> {
  const reply = await by.request("POST", "/staff", { email, role, name: email.split("@")[0] });
  expect(reply.statusCode, reply.body).toBe(201);
  return { id: reply.json().member.id, link: reply.json().link };
}

const codeOf = async (reply: Promise<{ json(): { code: string } }>): Promise<string> => (await reply).json().code;
const events = async (action: string) =>
  (
    await server.deps.db.query(
      "select actor_name, target_id, target_name, changes, details from event where action = $1",
      [action],
    )
  ).rows;

test("who is invited chooses a password by the link and finds the workspace; the record says who let them in", async () => {
  const { id, link } = await invite(owner, "ada@acme.example", "auditor");
  const token = link?.split("#")[1] ?? "";
  const chosen = await server.app.inject({
    method: "POST",
    url: "/api/v1/passwords",
    payload: { token, password: "a kettle upon the stove" },
  });
  expect(chosen.statusCode).toBe(204);
  const signedIn = await server.app.inject({
    method: "POST",
    url: "/api/v1/sessions",
    payload: { email: "ada@acme.example", password: "a kettle upon the stove" },
  });
  expect(signedIn.json().workspaces).toMatchObject([{ slug: "main", role: "auditor" }]);
  expect(await events("staff.invited")).toMatchObject([
    { actor_name: "Olga", target_id: id, details: '{"role":"auditor"}' },
  ]);
});

test("a role is changed, somebody shut out, let in and removed; sessions follow at once and history stays", async () => {
  const ben = await signedInClient(server, { role: "support", email: "ben@acme.example", name: "Ben" });
  const change = (body: object) => owner.request("PATCH", `/staff/${ben.member.id}`, body);
  expect((await change({ role: "auditor" })).json()).toMatchObject({ role: "auditor", disabled: false });
  expect((await ben.request("GET", "/log/checkpoint")).statusCode).toBe(200);
  expect((await change({ disabled: true })).json()).toMatchObject({ disabled: true });
  expect((await ben.request("GET", "/events")).statusCode).toBe(403);
  expect((await change({ disabled: false })).json()).toMatchObject({ disabled: false });
  expect((await ben.request("GET", "/events")).statusCode).toBe(200);
  expect((await owner.request("DELETE", `/staff/${ben.member.id}`)).statusCode).toBe(204);
  expect((await ben.request("GET", "/events")).statusCode).toBe(403);
  expect(await events("staff.role.changed")).toMatchObject([
    { target_name: "Ben", changes: '[{"field":"role","new":"auditor","old":"support"}]' },
  ]);
  for (const action of ["staff.disabled", "staff.enabled", "staff.deleted"])
    expect(await events(action), action).toMatchObject([{ target_id: ben.member.id, target_name: "Ben" }]);
});

test("the last owner stays, and nobody changes or makes somebody who may do more than they", async () => {
  expect(await codeOf(owner.request("PATCH", `/staff/${owner.member.id}`, { role: "auditor" }))).toBe("conflict");
  expect(await codeOf(owner.request("PATCH", `/staff/${owner.member.id}`, { disabled: true }))).toBe("conflict");
  expect(await codeOf(owner.request("DELETE", `/staff/${owner.member.id}`))).toBe("conflict");
  const admin = await signedInClient(server, { role: "administrator" });
  expect(await codeOf(admin.request("PATCH", `/staff/${owner.member.id}`, { role: "auditor" }))).toBe("forbidden");
  expect(await codeOf(admin.request("POST", `/staff/${owner.member.id}/password-links`))).toBe("forbidden");
  expect(await codeOf(admin.request("POST", "/staff", { email: "x@acme.example", role: "owner" }))).toBe("forbidden");
  expect(await codeOf(admin.request("POST", "/staff", { email: "x@acme.example", role: "wizard" }))).toBe(
    "invalid_request",
  );
  const known = await owner.request("GET", "/staff");
  expect(known.json().items.find((each: { email: string }) => each.email === "x@acme.example")).toBeUndefined();
});

test("a role of the workspace's own allows what it names and no more, and goes when nobody has it", async () => {
  const put = (permissions: string[]) => owner.request("PUT", "/roles/night-watch", { permissions });
  expect((await put(["logs.read", "keys.manage"])).statusCode).toBe(204);
  const eve = await signedInClient(server, { role: "night-watch" });
  expect((await eve.request("GET", "/api-keys")).statusCode).toBe(200);
  expect((await put(["logs.read"])).statusCode).toBe(204);
  expect((await eve.request("GET", "/api-keys")).statusCode).toBe(403);
  expect(await codeOf(owner.request("DELETE", "/roles/night-watch"))).toBe("conflict");
  await owner.request("DELETE", `/staff/${eve.member.id}`);
  expect((await owner.request("DELETE", "/roles/night-watch")).statusCode).toBe(204);
  expect(await codeOf(owner.request("PUT", "/roles/owner", { permissions: [] }))).toBe("invalid_request");
  expect(await events("role.updated")).toMatchObject([
    { changes: '[{"field":"permissions","new":["logs.read"],"old":["keys.manage","logs.read"]}]' },
  ]);
  const manager = await owner.request("PUT", "/roles/people", { permissions: ["staff.manage", "roles.manage"] });
  expect(manager.statusCode).toBe(204);
  const pat = await signedInClient(server, { role: "people" });
  expect(await codeOf(pat.request("PUT", "/roles/spies", { permissions: ["logs.read"] }))).toBe("forbidden");
  expect(await codeOf(pat.request("PUT", "/roles/people", { permissions: ["staff.manage", "logs.read"] }))).toBe(
    "forbidden",
  );
});

test("who manages sees as well, and who only sees changes nothing", async () => {
  expect((await owner.request("PUT", "/roles/doorkeeper", { permissions: ["staff.manage"] })).statusCode).toBe(204);
  const keeper = await signedInClient(server, { role: "doorkeeper" });
  expect((await keeper.request("GET", "/staff")).statusCode).toBe(200);
  expect((await keeper.request("GET", "/api-keys")).statusCode).toBe(403);
  const auditor = await signedInClient(server, { role: "auditor" });
  for (const path of ["/staff", "/roles", "/api-keys", "/settings"])
    expect((await auditor.request("GET", path)).statusCode, path).toBe(200);
  expect(await codeOf(auditor.request("PATCH", `/staff/${keeper.member.id}`, { role: "support" }))).toBe("forbidden");
});

test("who has lost their phone signs in with the password alone, once somebody above them has turned their two factors off", async () => {
  const lea = await signedInClient(server, { role: "support", email: "lea@acme.example", name: "Lea" });
  const { secret } = (await lea.request("POST", "/me/totp")).json();
  await lea.request("PUT", "/me/totp", { code: totpCode(secret, now) });
  const signIn = async () => {
    const payload = { email: "lea@acme.example", password: testPassword };
    return (await server.app.inject({ method: "POST", url: "/api/v1/sessions", payload })).statusCode;
  };
  expect(await signIn()).toBe(401);
  const off = (by: SignedInClient, id = lea.member.id) => by.request("DELETE", `/staff/${id}/second-factor`);
  const admin = await signedInClient(server, { role: "administrator" });
  expect((await off(admin)).statusCode).toBe(204);
  expect(await signIn()).toBe(201);
  expect(await codeOf(off(admin))).toBe("conflict");
  expect(await events("auth.two_factor.reset")).toMatchObject([{ target_id: lea.member.id, target_name: "Lea" }]);

  expect(await codeOf(off(admin, owner.member.id))).toBe("forbidden");
  expect(await codeOf(off(admin, admin.member.id))).toBe("forbidden");
});

test("workspaces are apart: staff, roles and log of one are not there in the other", async () => {
  expect((await owner.request("POST", "/workspaces", { slug: "brand-two", name: "Brand Two" })).statusCode).toBe(201);
  expect(await codeOf(owner.request("POST", "/workspaces", { slug: "brand-two", name: "Again" }))).toBe("conflict");
  const zoe = await signedInClient(server, { role: "owner", email: "zoe@two.example", workspace: "brand-two" });
  const seen = await zoe.request("GET", "/staff");
  expect(
    seen
      .json()
      .items.map((each: { email: string }) => each.email)
      .sort(),
  ).toEqual(["olga@acme.example", "zoe@two.example"]);
  expect((await zoe.request("GET", "/staff?workspace=main")).statusCode).toBe(403);
  const ben = await invite(owner, "carl@acme.example", "auditor");
  expect(await codeOf(zoe.request("PATCH", `/staff/${ben.id}`, { role: "owner" }))).toBe("not_found");
  expect(await codeOf(zoe.request("POST", `/staff/${ben.id}/password-links`))).toBe("not_found");
  expect(await codeOf(zoe.request("POST", `/staff/${owner.member.id}/password-links`))).toBe("forbidden");
  expect(await codeOf(zoe.request("DELETE", `/staff/${ben.id}/second-factor`))).toBe("not_found");
  expect(await codeOf(zoe.request("DELETE", `/staff/${owner.member.id}/second-factor`))).toBe("forbidden");
  const events = await zoe.request("GET", "/events");
  expect(events.json().items.map((event: { action: string }) => event.action)).toEqual(["workspace.created"]);
});

test("a sensitive act asks once more who one is, ten minutes after signing in", async () => {
  const kim = await signedInClient(server, { role: "administrator", email: "kim@acme.example" });
  now += 11 * 60_000;
  const make = () => kim.request("POST", "/api-keys", { name: "late", scopes: ["events:read"] });
  expect((await make()).json()).toMatchObject({ code: "step_up_required", status: 403 });
  expect(await codeOf(kim.request("POST", "/me/step-up", { password: "a wrong guess of it" }))).toBe(
    "invalid_credentials",
  );
  expect((await kim.request("POST", "/me/step-up", { password: testPassword })).statusCode).toBe(200);
  expect((await make()).statusCode).toBe(201);
  now += 11 * 60_000;
  expect((await make()).json().code).toBe("step_up_required");
});
