import type { MailMessage } from "@daybook/contract";
import { member, type SignedInClient, signedInClient, type TestApp, testApp, testPassword } from "@daybook/testkit";
import PostalMime from "postal-mime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readOutbox } from "../mail/outbox.ts";

let server: TestApp;
let owner: SignedInClient;
let now = Date.parse("2026-11-20T10:00:00.000Z");
const HOUR_MS = 3_600_000;

beforeAll(async () => {
  server = await testApp({
    clock: () => now,
    config: { publicUrl: "https://daybook.example", mailFrom: "daybook@acme.example" },
  });
  owner = await signedInClient(server);
  // Nothing listens there: mails are made, and nobody delivers them here.
  await server.deps.db.query(
    "insert into mail_transport (workspace_id, name, settings, updated_at) values ($1, 'main', $2, now())",
    [server.workspaceId, { host: "127.0.0.1", port: 1, security: "none" }],
  );
});
afterAll(() => server.close());

/** A question from the sign-in screen, by default each time from another address. */
let asked = 0;
const ask = async (email: string, remoteAddress = `198.51.100.${++asked}`) => {
  const reply = await server.app.inject({
    method: "POST",
    url: "/api/v1/password-resets",
    payload: { email },
    remoteAddress,
  });
  return { statusCode: reply.statusCode, body: reply.body, length: reply.headers["content-length"] };
};

/** What was recorded of questions, oldest first. */
const outcomes = async (): Promise<(string | null)[]> =>
  (
    await server.deps.db.query<{ reason: string | null }>(
      "select reason from event where action = 'auth.password.reset.requested' order by seq",
    )
  ).rows.map(({ reason }) => reason);

/** Waits for the question to be dealt with: it is answered before. */
async function settled(count: number): Promise<(string | null)[]> {
  await expect.poll(async () => (await outcomes()).length, { timeout: 20_000 }).toBe(count);
  return outcomes();
}

const mailsTo = async (address: string): Promise<MailMessage[]> =>
  (await owner.request("GET", `/mail/messages?address=${address}`)).json<{ items: MailMessage[] }>().items;

async function tokenIn({ id }: MailMessage): Promise<string | undefined> {
  const { db, vault } = server.deps;
  const sent = await PostalMime.parse((await readOutbox(db, vault, server.workspaceId, id)) ?? "");
  return /https:\/\/daybook\.example\/password#([\w-]+)/.exec(sent.text ?? "")?.[1];
}

const choose = async (token: string | undefined, password = "seven lamps behind the harbour") =>
  (await server.app.inject({ method: "POST", url: "/api/v1/passwords", payload: { token, password } })).statusCode;

test("staff, strangers and whoever is shut out get the same answer; only staff get a mail, whose link works once, for an hour", async () => {
  const { email } = await member(server.deps, { email: "ida@acme.example" });
  const out = await member(server.deps, { email: "out@acme.example" });
  await server.deps.db.query("update staff set disabled_at = now() where id = $1", [out.id]);
  const answers = [await ask("IDA@acme.example "), await ask("stranger@acme.example"), await ask(out.email)];
  expect(new Set(answers.map((each) => JSON.stringify(each))).size).toBe(1);
  expect(answers[0]?.statusCode).toBe(204);
  expect((await settled(3)).sort()).toEqual(["account_disabled", null, "unknown_user"].sort());

  expect(await mailsTo("stranger@acme.example")).toEqual([]);
  expect(await mailsTo(out.email)).toEqual([]);
  const [mail, ...others] = await mailsTo(email);
  expect(others).toEqual([]);
  expect(mail).toMatchObject({ template: "password-reset" });
  const kept = await owner.request("GET", `/mail/messages/${mail?.id}/content`);
  expect(kept.json().masked).toBeGreaterThan(0);
  expect(kept.body).not.toMatch(/password#[\w-]/);

  const token = await tokenIn(mail as MailMessage);
  now += HOUR_MS - 1;
  expect(await choose(token, "short")).toBe(422);
  expect(await choose(token)).toBe(204);
  expect(await choose(token)).toBe(403);
});

test("whoever may change templates does not get hold of the links: they are in the words that are shipped", async () => {
  const changed = await owner.request("PUT", "/mail/templates/password-reset", {
    subject: "Somebody else's words",
    html: "<p><a href='https://evil.example/{{ resetUrl }}'>here</a></p>",
  });
  expect(changed.statusCode, changed.body).toBe(200);
  const { email } = await member(server.deps, { email: "words@acme.example" });
  await ask(email);
  await settled(4);
  const [mail] = await mailsTo(email);
  expect(mail?.subject).not.toContain("Somebody else");
  expect(await tokenIn(mail as MailMessage)).toBeDefined();
});

test("a link that is an hour old opens nothing, and the old password works meanwhile", async () => {
  const { email } = await member(server.deps, { email: "old@acme.example" });
  await ask(email);
  await settled(5);
  const [mail] = await mailsTo(email);
  const token = await tokenIn(mail as MailMessage);
  now += HOUR_MS;
  expect(await choose(token)).toBe(403);
  const signIn = { method: "POST", url: "/api/v1/sessions", payload: { email, password: testPassword } } as const;
  expect((await server.app.inject(signIn)).statusCode).toBe(201);
});

test("whoever is asked for again and again gets ever fewer mails, and the answer does not say so", async () => {
  const { email } = await member(server.deps, { email: "often@acme.example" });
  const first = await ask(email);
  for (let question = 0; question < 7; question++) expect(await ask(email)).toEqual(first);
  const reasons = (await settled(13)).slice(5);
  expect(reasons.filter((reason) => reason === "throttled").length).toBeGreaterThan(3);
  expect(await mailsTo(email)).toHaveLength(reasons.filter((reason) => reason === null).length);
});

test("many questions from one address are put off, known or not", async () => {
  const address = "203.0.113.5";
  const codes: number[] = [];
  for (let question = 0; question < 14; question++)
    codes.push((await ask(`nobody${question}@acme.example`, address)).statusCode);
  expect(codes.slice(0, 10)).toEqual(Array(10).fill(204));
  expect(codes.at(-1)).toBe(429);
});

test("an invitation stays good although anybody may ask for a new password of the same person", async () => {
  await server.deps.db.query("delete from login_throttle");
  await owner.request("POST", "/me/step-up", { password: testPassword });
  const { json } = await owner.request("POST", "/staff", { email: "guest@acme.example", role: "support" });
  const [invitation] = await mailsTo("guest@acme.example");
  expect(json().sentTo).toBe("guest@acme.example");
  await ask("guest@acme.example");
  await expect.poll(async () => (await mailsTo("guest@acme.example")).length, { timeout: 20_000 }).toBe(2);
  expect(await choose(await tokenIn(invitation as MailMessage))).toBe(204);
});
