import { apiKey, type SignedInClient, signedInClient, type TestApp, testApp, testPassword } from "@daybook/testkit";
import { testMailServer } from "@daybook/testkit/mail-server.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tellMails } from "../mail/mail-teller.ts";
import { tellRound } from "../tasks/teller.ts";
import { totpCode } from "./totp.ts";

let server: TestApp;
let owner: SignedInClient;
let now = Date.parse("2026-11-20T10:00:00.000Z");

beforeAll(async () => {
  server = await testApp({ clock: () => now });
  owner = await signedInClient(server);
});
afterAll(() => server.close());

/** What the acts of a person put on record, apart from what was there before. */
async function recordedBy(act: () => Promise<unknown>): Promise<string[]> {
  const last = "select coalesce(max(seq), 0) as seq from event where workspace_id = $1";
  const { rows } = await server.deps.db.query<{ seq: number }>(last, [server.workspaceId]);
  await act();
  const events = await server.deps.db.query<{ action: string }>(
    "select action from event where workspace_id = $1 and seq > $2 order by seq",
    [server.workspaceId, rows[0]?.seq],
  );
  return events.rows.map(({ action }) => action);
}

/** Changing routes that leave no event, each with its reason; all others must be in a test below. */
const silent: Record<string, string> = {
  "POST /api/v1/me/totp": "the secret is not in force before PUT confirms it",
  "PUT /api/v1/me/display": "how somebody likes the console changes nothing for others",
  "POST /api/v1/events": "is itself what is recorded",
  "POST /api/v1/schedules/:name/check-ins": "its task is told of, and a run that failed",
  "POST /api/v1/tasks/:id/lines": "what a task prints is the task's, not an act",
  "POST /api/v1/mail/provider-events/:provider": "what it says of a mail is told as that mail's",
  "OPTIONS /api/v1/viewer/*": "asks what a browser may send",
};

const tried = new Set<string>();

async function send(route: string, path: string, body?: object): Promise<string> {
  tried.add(route);
  const [method = "GET"] = route.split(" ");
  const reply = await owner.request(method as "POST", path, body);
  expect(reply.statusCode, `${route}: ${reply.body}`).toBeLessThan(300);
  return reply.body;
}

test("what changes keys, roles, staff, workspaces, settings, actions, views and viewer tokens is on record", async () => {
  const made = async (route: string, path: string, body?: object): Promise<Record<string, never>> => {
    const text = await send(route, path, body);
    return text === "" ? {} : JSON.parse(text);
  };
  const actions = await recordedBy(async () => {
    const key = await made("POST /api/v1/api-keys", "/api-keys", { name: "a", scopes: ["events:read"] });
    const next = await made("POST /api/v1/api-keys/:id/rotations", `/api-keys/${key.id}/rotations`);
    await made("DELETE /api/v1/api-keys/:id", `/api-keys/${next.id}`);
    await made("PUT /api/v1/roles/:name", "/roles/night", { permissions: ["logs.read"] });
    await made("PUT /api/v1/roles/:name", "/roles/night", { permissions: [] });
    await made("DELETE /api/v1/roles/:name", "/roles/night");
    const invited = await made("POST /api/v1/staff", "/staff", { email: "x@acme.example", role: "auditor" });
    const { id } = invited.member as unknown as { id: string };
    await made("PATCH /api/v1/staff/:id", `/staff/${id}`, { role: "support" });
    await made("PATCH /api/v1/staff/:id", `/staff/${id}`, { disabled: true });
    await made("PATCH /api/v1/staff/:id", `/staff/${id}`, { disabled: false });
    await made("POST /api/v1/staff/:id/password-links", `/staff/${id}/password-links`);
    await server.deps.db.query("update staff set totp_secret = $2, totp_enabled_at = now() where id = $1", [id, "A"]);
    await made("DELETE /api/v1/staff/:id/second-factor", `/staff/${id}/second-factor`);
    await made("DELETE /api/v1/staff/:id", `/staff/${id}`);
    await made("POST /api/v1/workspaces", "/workspaces", { slug: "two", name: "Two" });
    await made("PATCH /api/v1/workspaces/:slug", "/workspaces/main", { name: "Brand One" });
    await made("PATCH /api/v1/settings", "/settings", { timeZone: "Europe/Berlin" });
    await made("PUT /api/v1/actions/:action", "/actions/server.started", { severity: "low" });
    await made("DELETE /api/v1/actions/:action", "/actions/server.started");
    const view = { name: "v", screen: "activity", search: {}, shared: true };
    const saved = await made("POST /api/v1/views", "/views", view);
    await made("PATCH /api/v1/views/:id", `/views/${saved.id}`, { name: "w" });
    await made("DELETE /api/v1/views/:id", `/views/${saved.id}`);
    const token = { scope: { ownerId: "77" }, minutes: 5 };
    const viewer = await made("POST /api/v1/viewer-tokens", "/viewer-tokens", token);
    await made("DELETE /api/v1/viewer-tokens/:id", `/viewer-tokens/${viewer.id}`);
  });
  expect(actions).toEqual([
    ...["api_key.created", "api_key.rotated", "api_key.revoked"],
    ...["role.created", "role.updated", "role.deleted"],
    ...["staff.invited", "staff.role.changed", "staff.disabled", "staff.enabled"],
    ...["auth.password.reset.requested", "auth.two_factor.reset", "staff.deleted"],
    ...["workspace.created", "workspace.updated", "settings.updated", "log.action.updated", "log.action.reset"],
    ...["log.view.saved", "log.view.updated", "log.view.deleted", "viewer_token.created", "viewer_token.revoked"],
  ]);
});

test("what is done with schedules is on record", async () => {
  const actions = await recordedBy(async () => {
    const task = { type: "x.y" };
    await send("PUT /api/v1/schedules/:name", "/schedules/nightly", { cron: "0 2 * * *", task });
    await send("PUT /api/v1/schedules/:name", "/schedules/nightly", { cron: "0 2 * * *", task });
    await send("PUT /api/v1/schedules/:name", "/schedules/nightly", { cron: "0 3 * * *", task });
    await send("PATCH /api/v1/schedules/:name", "/schedules/nightly", { paused: true });
    await send("PATCH /api/v1/schedules/:name", "/schedules/nightly", { paused: true });
    await send("PATCH /api/v1/schedules/:name", "/schedules/nightly", { paused: false });
    await send("POST /api/v1/schedules/:name/runs", "/schedules/nightly/runs");
    await send("DELETE /api/v1/schedules/:name", "/schedules/nightly");
    await tellRound(server.deps);
  });
  expect(actions).toEqual([
    ...["schedule.created", "schedule.updated", "schedule.paused", "schedule.resumed"],
    ...["schedule.run.requested", "schedule.deleted", "task.created"],
  ]);
});

test("what happens to tasks and their types is on record", async () => {
  const callback = "https://panel.acme.example/daybook";
  const actions = await recordedBy(async () => {
    await send("PUT /api/v1/task-types/:type", "/task-types/x.y", { idempotent: true, callback });
    await send("POST /api/v1/task-types/:type/secret", "/task-types/x.y/secret");
    const { id } = JSON.parse(await send("POST /api/v1/tasks", "/tasks", { type: "x.y", status: "running" }));
    now += 1_000;
    await send("PATCH /api/v1/tasks/:id", `/tasks/${id}`, { status: "failed", error: "no space" });
    now += 1_000;
    await send("POST /api/v1/tasks/:id/retry-attempts", `/tasks/${id}/retry-attempts`);
    now += 1_000;
    const pending = JSON.parse(await send("POST /api/v1/tasks", "/tasks", { type: "x.y" }));
    now += 1_000;
    await send("POST /api/v1/tasks/:id/cancellation", `/tasks/${pending.id}/cancellation`);
    await tellRound(server.deps);
    await send("POST /api/v1/task-batches", "/task-batches", { act: "retry", filter: {} });
    await send("DELETE /api/v1/task-types/:type", "/task-types/x.y");
  });
  expect(actions).toEqual([
    ...["task.type.updated", "task.type.updated"],
    ...["task.created", "task.started", "task.failed", "task.retry_requested", "task.created", "task.cancel_requested"],
    ...["task.batch.created", "task.type.deleted"],
  ]);
});

test("which providers may report on mail is on record", async () => {
  const actions = await recordedBy(async () => {
    const secret = "a-signing-key-of-mailgun";
    await send("PUT /api/v1/mail/providers/:provider", "/mail/providers/mailgun", { secret });
    await send("DELETE /api/v1/mail/providers/:provider", "/mail/providers/mailgun");
  });
  expect(actions).toEqual(["mail.provider.updated", "mail.provider.deleted"]);
});

test("what is done with mail templates is on record", async () => {
  await send("PATCH /api/v1/settings", "/settings", { mailFrom: "panel@host.example" });
  const path = "/mail/templates/welcome";
  const text = { subject: "Hello", html: "<p>Hello</p>" };
  const actions = await recordedBy(async () => {
    await send("PUT /api/v1/mail/templates/:name", path, text);
    await send("PUT /api/v1/mail/templates/:name", path, { ...text, subject: "Good day" });
    await send("POST /api/v1/mail/templates/:name/restorations", `${path}/restorations`, { locale: "en", version: 1 });
    await send("POST /api/v1/mail/templates/:name/test-messages", `${path}/test-messages`, {});
    await send("DELETE /api/v1/mail/templates/:name", path);
    await send("PUT /api/v1/mail/templates/:name", "/mail/templates/own", text);
    await send("DELETE /api/v1/mail/templates/:name", "/mail/templates/own");
    await send("POST /api/v1/mail/templates/:name/previews", `${path}/previews`, {});
    await tellMails(server.deps);
  });
  expect(actions.filter((action) => action.startsWith("mail.template"))).toEqual([
    ...["mail.template.updated", "mail.template.updated", "mail.template.updated", "mail.template.tested"],
    ...["mail.template.reset", "mail.template.created", "mail.template.deleted"],
  ]);
});

test("what is done with the suppression list is on record", async () => {
  const path = "/mail/suppressions/kim%40acme.example";
  const actions = await recordedBy(async () => {
    await send("PUT /api/v1/mail/suppressions/:address", path, { reason: "manual" });
    await send("DELETE /api/v1/mail/suppressions/:address", path);
  });
  expect(actions).toEqual(["mail.suppression.added", "mail.suppression.removed"]);
});

test("who set up, tested and removed a mail server is on record", async () => {
  const mails = await testMailServer({ security: "none" });
  await send("PATCH /api/v1/settings", "/settings", { mailFrom: "panel@host.example" });
  const actions = await recordedBy(async () => {
    const body = { host: mails.host, port: mails.port, security: "none" };
    await send("PUT /api/v1/mail/transports/:name", "/mail/transports/main", body);
    const path = "/mail/transports/main/test-messages";
    await send("POST /api/v1/mail/transports/:name/test-messages", path, { to: "kim@acme.example" });
    await send("DELETE /api/v1/mail/transports/:name", "/mail/transports/main");
  });
  await mails.close();
  expect(actions).toEqual(["mail.transport.updated", "mail.transport.tested", "mail.transport.deleted"]);
});

test("mails that somebody sends, reports and sends once more are on record", async () => {
  const mail = { to: "kim@acme.example", from: "panel@host.example", subject: "Hello", text: "Hello" };
  const actions = await recordedBy(async () => {
    const { id } = JSON.parse(await send("POST /api/v1/mail/messages", "/mail/messages", mail));
    await tellMails(server.deps);
    await send("POST /api/v1/mail/messages/:id/resends", `/mail/messages/${id}/resends`, {});
    await tellMails(server.deps);
    const other = { ...mail, delivery: "external", status: "queued" };
    const external = JSON.parse(await send("POST /api/v1/mail/messages", "/mail/messages", other));
    await send("PATCH /api/v1/mail/messages/:id", `/mail/messages/${external.id}`, { status: "sent" });
    await tellMails(server.deps);
  });
  expect(actions).toEqual(["mail.queued", "mail.resent", "mail.queued", "mail.reported", "mail.sent"]);
});

test("what somebody does with their own account is on record", async () => {
  const other = await server.app.inject({
    method: "POST",
    url: "/api/v1/sessions",
    payload: { email: owner.member.email, password: testPassword },
  });
  const sessions = await owner.request("GET", "/me/sessions");
  const second = sessions.json().items.find((session: { current: boolean }) => !session.current);
  expect(other.statusCode).toBe(201);
  const password = "a ladder behind the orchard";
  const { secret } = (await owner.request("POST", "/me/totp")).json();
  const actions = await recordedBy(async () => {
    await send("DELETE /api/v1/me/sessions/:id", `/me/sessions/${second.id}`);
    await send("PUT /api/v1/me/password", "/me/password", { currentPassword: testPassword, password });
    await send("PUT /api/v1/me/totp", "/me/totp", { code: totpCode(secret, now) });
    await send("POST /api/v1/me/recovery-codes", "/me/recovery-codes", { password });
    await send("POST /api/v1/me/step-up", "/me/step-up", { password });
    await send("DELETE /api/v1/me/totp", "/me/totp", { password });
    now += 1_000;
    const { id } = owner.member;
    const colleague = await signedInClient(server);
    const { link } = (await colleague.request("POST", `/staff/${id}/password-links`)).json();
    tried.add("POST /api/v1/passwords");
    const payload = { token: link.split("#")[1], password: testPassword };
    await server.app.inject({ method: "POST", url: "/api/v1/passwords", payload });
    tried.add("POST /api/v1/sessions");
    const signIn = { email: owner.member.email, password: testPassword };
    await server.app.inject({ method: "POST", url: "/api/v1/sessions", payload: signIn });
    owner = colleague;
    await send("DELETE /api/v1/sessions/current", "/sessions/current");
  });
  expect(actions).toEqual([
    ...["auth.session.revoked", "auth.password.changed", "auth.two_factor.enabled"],
    ...["auth.recovery_codes.generated", "auth.identity.confirmed", "auth.two_factor.disabled"],
    ...["auth.password.reset.requested", "auth.password.changed", "auth.login", "auth.logout"],
  ]);
});

test("a question for a new password is on record, with whom it is about and without who asked", async () => {
  const actions = await recordedBy(async () => {
    await send("POST /api/v1/password-resets", "/password-resets", { email: owner.member.email });
    // It is answered before it is looked at, so that the time it takes tells nothing.
    const asked = "select from event where action = 'auth.password.reset.requested' and reason is not null";
    await expect.poll(async () => (await server.deps.db.query(asked)).rowCount, { timeout: 10_000 }).toBe(1);
  });
  expect(actions).toEqual(["auth.password.reset.requested"]);
});

test("no changing route was forgotten here", () => {
  // Setup has a test of its own (setup.test.ts): it works once in the life of an installation.
  const known = [...tried, ...Object.keys(silent), "POST /api/v1/setup"];
  const changing = server.app.routeList.filter((route) => !route.startsWith("GET ") && route.includes(" /api/"));
  expect([...new Set(changing)].sort()).toEqual(known.sort());
});

test("keys are named as those who did it", async () => {
  const { id, headers } = await apiKey(server.deps);
  const url = "/api/v1/roles/by-key";
  await server.app.inject({ method: "PUT", url, headers, payload: { permissions: [] } });
  const { rows } = await server.deps.db.query(
    "select actor_id, actor_type from event where action = 'role.created' and target_id = 'by-key'",
  );
  expect(rows).toEqual([{ actor_id: id, actor_type: 2 }]);
});
