import { randomUUID } from "node:crypto";
import type { MailContent, MailMessage } from "@daybook/contract";
import { apiKey, type SignedInClient, signedInClient, type TestApp, testApp, testPassword } from "@daybook/testkit";
import PostalMime from "postal-mime";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { tellExpiredSessions } from "../../access/expired-sessions.ts";
import { readOutbox } from "../outbox.ts";
import { sendNotices } from "./notice-follower.ts";

let server: TestApp;
let owner: SignedInClient;
let headers: Record<string, string>;
let aheadMs = 0;
const MINUTE_MS = 60_000;

/** Addresses whose country and network come with the data that Daybook ships. */
const places = { here: "81.2.69.160", there: "1.1.1.1", private: "10.0.0.7" };

beforeAll(async () => {
  server = await testApp({ clock: () => Date.now() + aheadMs, config: { publicUrl: "https://daybook.example" } });
  owner = await signedInClient(server);
  ({ headers } = await apiKey(server.deps));
  await owner.request("PATCH", "/settings", { mailFrom: "daybook@acme.example", noticeSessionExpired: true });
});
afterAll(() => server.close());

/** Nothing listens there: mails are made, and nobody delivers them here. */
async function setUpMail(): Promise<void> {
  const settings = { host: "127.0.0.1", port: 1, security: "none" };
  await server.deps.db.query(
    "insert into mail_transport (workspace_id, name, settings, updated_at) values ($1, 'main', $2, now()) on conflict do nothing",
    [server.workspaceId, settings],
  );
}

async function mailsTo(address: string): Promise<MailMessage[]> {
  const reply = await owner.request("GET", `/mail/messages?address=${address}`);
  return reply.json<{ items: MailMessage[] }>().items;
}

async function contentOf(id: string): Promise<MailContent> {
  return (await owner.request("GET", `/mail/messages/${id}/content`)).json<MailContent>();
}

interface Login {
  id?: string;
  email?: string;
  ip: string;
  ago?: number;
  outcome?: "success" | "failure";
  type?: "user" | "staff";
}

/** A sign-in to the panel. */
async function signIn(
  user: string,
  { id = randomUUID(), email, ip, ago = 0, outcome = "success", type = "user" }: Login,
) {
  const event = {
    id,
    action: "auth.login",
    occurredAt: new Date(server.deps.clock() - ago).toISOString(),
    actor: { type, id: user, name: "Dana", ...(email === undefined ? {} : { email }) },
    outcome,
    origin: { ip },
  };
  const reply = await server.app.inject({ method: "POST", url: "/api/v1/events", headers, payload: event });
  expect(reply.statusCode, reply.body).toBe(201);
}

const follow = () => sendNotices(server.deps);

describe("without a mail server", () => {
  test("no notice is kept for later: it would tell of something that is long over", async () => {
    await signIn("u-0", { email: "zero@acme.example", ip: places.here });
    await signIn("u-0", { email: "zero@acme.example", ip: places.there });
    await follow();
    await setUpMail();
    await follow();
    expect(await mailsTo("zero@acme.example")).toEqual([]);
  });
});

describe("a sign-in from a new location", () => {
  beforeEach(async () => {
    await setUpMail();
  });

  test("is told once, and neither the first of all nor one from a known place is", async () => {
    await signIn("u-1", { email: "one@acme.example", ip: places.here });
    await follow();
    expect(await mailsTo("one@acme.example")).toEqual([]);
    await signIn("u-1", { email: "one@acme.example", ip: places.there });
    await follow();
    const [mail, ...others] = await mailsTo("one@acme.example");
    expect(others).toEqual([]);
    expect(mail).toMatchObject({ template: "new-login-location", user: { id: "u-1", name: "Dana" }, locale: "en" });
    const content = await contentOf(mail?.id ?? "");
    expect(content.text).toContain(places.there);
    await signIn("u-1", { email: "one@acme.example", ip: places.there });
    await signIn("u-1", { email: "one@acme.example", ip: places.here });
    await follow();
    expect(await mailsTo("one@acme.example")).toHaveLength(1);
  });

  test("is no news if it failed, has no place, is of no address, or is older than an hour", async () => {
    await signIn("u-2", { email: "two@acme.example", ip: places.here });
    await signIn("u-2", { email: "two@acme.example", ip: places.there, outcome: "failure" });
    await signIn("u-2", { email: "two@acme.example", ip: places.private });
    await signIn("u-2", { ip: places.there });
    await signIn("u-4", { email: "four@acme.example", ip: places.here });
    await signIn("u-4", { email: "four@acme.example", ip: places.there, ago: 61 * MINUTE_MS });
    await follow();
    expect(await mailsTo("two@acme.example")).toEqual([]);
    expect(await mailsTo("four@acme.example")).toEqual([]);
  });

  test("is told once although the round that told it came to nothing", async () => {
    await signIn("u-3", { email: "three@acme.example", ip: places.here });
    await follow();
    await signIn("u-3", { email: "three@acme.example", ip: places.there });
    await follow();
    // As after a crash between the mail and the move of the cursor.
    await server.deps.ownerDb.query("update follower set seq = 0 where name = 'notices'");
    await follow();
    expect(await mailsTo("three@acme.example")).toHaveLength(1);
  });

  test("is told to staff at the address of their account, and shown to no customer", async () => {
    const { id, email } = owner.member;
    await signIn(id, { type: "staff", ip: places.here });
    await signIn(id, { type: "staff", ip: places.there, email: "elsewhere@acme.example" });
    await follow();
    const [mail] = await mailsTo(email);
    expect(mail).toMatchObject({ template: "new-login-location" });
    expect(mail?.user).toBeUndefined();
    expect(await mailsTo("elsewhere@acme.example")).toEqual([]);
  });

  test("is told to nobody in the invented company of the demo, whose addresses lead nowhere", async () => {
    const mark = (sql: string) =>
      server.deps.ownerDb.query(`update workspace set settings = ${sql} where id = $1`, [server.workspaceId]);
    await mark("settings || '{\"demo\": {}}'");
    await signIn("u-7", { email: "seven@acme.example", ip: places.here });
    await signIn("u-7", { email: "seven@acme.example", ip: places.there });
    await follow();
    await mark("settings - 'demo'");
    expect(await mailsTo("seven@acme.example")).toEqual([]);
  });

  test("is told to nobody once the setting is off", async () => {
    await owner.request("PATCH", "/settings", { noticeNewLocation: false });
    await signIn("u-5", { email: "five@acme.example", ip: places.here });
    await signIn("u-5", { email: "five@acme.example", ip: places.there });
    await follow();
    expect(await mailsTo("five@acme.example")).toEqual([]);
    await owner.request("PATCH", "/settings", { noticeNewLocation: true });
  });
});

test("a mail about mail is never made, however often the log is followed", async () => {
  await setUpMail();
  const count = async () => (await server.deps.db.query("select from mail_message")).rowCount;
  await signIn("u-6", { email: "six@acme.example", ip: places.here });
  await signIn("u-6", { email: "six@acme.example", ip: places.there });
  await follow();
  const before = await count();
  for (const happening of ["queued", "sent", "bounced"])
    await server.app.inject({
      method: "POST",
      url: "/api/v1/events",
      headers,
      payload: {
        action: `mail.${happening}`,
        actor: { type: "user", id: "u-6", email: "six@acme.example" },
        targets: [{ type: "mail", id: "m-1" }],
        origin: { ip: places.there },
      },
    });
  await follow();
  await follow();
  expect(await count()).toBe(before);
});

describe("accounts of staff", () => {
  test("an invitation goes out by mail and not into the answer; its link is masked in the log and works", async () => {
    await setUpMail();
    const reply = await owner.request("POST", "/staff", { email: "new@acme.example", name: "Nia", role: "support" });
    expect(reply.json()).toMatchObject({ sentTo: "new@acme.example", member: { email: "new@acme.example" } });
    expect(reply.body).not.toContain("/password#");
    const [mail] = await mailsTo("new@acme.example");
    expect(mail).toMatchObject({ template: "team-invitation" });
    expect(mail?.user).toBeUndefined();
    const content = await contentOf(mail?.id ?? "");
    expect(content.masked).toBeGreaterThan(0);
    expect(JSON.stringify(content)).not.toMatch(/password#[\w-]/);
    const { db, vault } = server.deps;
    const sent = await PostalMime.parse((await readOutbox(db, vault, server.workspaceId, mail?.id ?? "")) ?? "");
    const token = /\/password#([\w-]+)/.exec(sent.text ?? "")?.[1];
    const payload = { token, password: "seven lamps behind the harbour" };
    expect((await server.app.inject({ method: "POST", url: "/api/v1/passwords", payload })).statusCode).toBe(204);
  });

  test("where the mail cannot go out, the link is in the answer", async () => {
    await owner.request("PUT", "/mail/suppressions/deaf@acme.example", { reason: "manual" });
    const deaf = await owner.request("POST", "/staff", { email: "deaf@acme.example", role: "support" });
    expect(deaf.json().link).toContain("https://daybook.example/password#");
    await server.deps.db.query("delete from mail_transport");
    const reply = await owner.request("POST", "/staff", { email: "by.hand@acme.example", role: "support" });
    expect(reply.json().link).toContain("https://daybook.example/password#");
    expect(reply.json().sentTo).toBeUndefined();
    expect(await mailsTo("by.hand@acme.example")).toEqual([]);
  });

  test("a changed password is told, the first one is not", async () => {
    await setUpMail();
    const { email } = owner.member;
    const before = (await mailsTo(email)).length;
    const password = "a ladder behind the orchard";
    await owner.request("PUT", "/me/password", { currentPassword: testPassword, password });
    await follow();
    const mails = await mailsTo(email);
    expect(mails).toHaveLength(before + 1);
    expect(mails[0]).toMatchObject({ template: "password-changed" });

    const { json } = await owner.request("POST", "/staff", { email: "first@acme.example", role: "support" });
    const { id } = json().member;
    const { link } = (await owner.request("POST", `/staff/${id}/password-links`)).json();
    const payload = { token: link.split("#")[1], password };
    expect((await server.app.inject({ method: "POST", url: "/api/v1/passwords", payload })).statusCode).toBe(204);
    await follow();
    expect((await mailsTo("first@acme.example")).map((mail) => mail.template)).toEqual(["team-invitation"]);
  });

  test("a session that was not used for too long is on record once and told; one that somebody ended is not", async () => {
    const colleague = await signedInClient(server, { email: "idle@acme.example", role: "support" });
    const ended = await signedInClient(server, { email: "ended@acme.example", role: "support" });
    await ended.request("DELETE", "/sessions/current");
    await tellExpiredSessions(server.deps);
    const told = async () =>
      (
        await server.deps.db.query(
          "select target_id, details from event where action = 'auth.session.expired' order by seq",
        )
      ).rows;
    expect(await told()).toEqual([]);
    aheadMs += 481 * MINUTE_MS;
    await tellExpiredSessions(server.deps);
    await tellExpiredSessions(server.deps);
    const events = await told();
    expect(events.filter((event) => event.target_id === colleague.member.id)).toHaveLength(1);
    expect(events.filter((event) => event.target_id === ended.member.id)).toEqual([]);
    expect(JSON.parse(events[0].details)).toMatchObject({ why: "idle" });
    await follow();
    aheadMs -= 481 * MINUTE_MS;
    expect((await mailsTo("idle@acme.example")).map((mail) => mail.template)).toEqual(["session-expired"]);
    expect(await mailsTo("ended@acme.example")).toEqual([]);
  });
});
