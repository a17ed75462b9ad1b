import type { Preview, Template, TemplateSummary, TemplateVersion } from "@daybook/contract";
import { apiKey, type SignedInClient, signedInClient, type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

let server: TestApp;
let owner: SignedInClient;
beforeAll(async () => {
  server = await testApp({ config: { mailFrom: "panel@host.example" } });
  owner = await signedInClient(server, { name: "Dana" });
});
afterAll(() => server.close());
beforeEach(async () => {
  await server.deps.db.query("delete from mail_template_version");
  await server.deps.db.query("delete from mail_template");
  server.deps.templates.forget(server.workspaceId);
});

type Method = "GET" | "POST" | "PUT" | "DELETE";

async function ask<T>(method: Method, path: string, body?: object, status = 200): Promise<T> {
  const reply = await owner.request(method, `/mail/templates${path}`, body);
  expect(reply.statusCode, reply.body).toBe(status);
  return reply.body === "" ? (undefined as T) : reply.json();
}
const list = async () => (await ask<{ items: TemplateSummary[] }>("GET", "")).items;
const versions = async (name: string) =>
  (await ask<{ items: TemplateVersion[] }>("GET", `/${name}/versions`)).items.map((each) => [
    each.version,
    each.current,
  ]);
const save = (name: string, html: string, more: object = {}, status = 200) =>
  ask<Template>("PUT", `/${name}`, { subject: "Subject", html, ...more }, status);

async function events(): Promise<{ action: string; target_name: string; changes: unknown; details: unknown }[]> {
  const { rows } = await server.deps.db.query(
    "select action, target_name, changes, details from event where action like 'mail.template.%' order by seq",
  );
  return rows.map((row) => ({
    ...row,
    changes: JSON.parse(row.changes ?? "[]"),
    details: JSON.parse(row.details ?? "{}"),
  }));
}

test("the shipped templates are listed and read, in the locale that is asked for", async () => {
  const welcome = (await list()).find(({ name }) => name === "welcome");
  expect(welcome).toMatchObject({ kind: "template", shipped: true, changed: false, locales: ["de", "en"] });
  const german = await ask<Template>("GET", "/welcome?locale=de");
  expect(german).toMatchObject({ locale: "de", version: 0, subject: "Willkommen bei {{ brand.name }}", faults: [] });
  expect(german.default?.subject).toBe(german.subject);
  expect(await ask<Template>("GET", "/welcome?locale=fr")).toMatchObject({ locale: "en" });
  await ask("GET", "/none", undefined, 404);
});

test("a change is a new version; restoring and resetting bring back what was", async () => {
  await save("welcome", "<p>One</p>", { note: "Shorter" });
  await save("welcome", "<p>Two</p>");
  expect(await versions("welcome")).toEqual([
    [2, true],
    [1, false],
    [0, false],
  ]);
  const restored = await ask<Template>("POST", "/welcome/restorations", { locale: "en", version: 1 });
  expect(restored).toMatchObject({ version: 3, html: "<p>One</p>", changed: true, updatedBy: "Dana" });
  await ask("DELETE", "/welcome", undefined, 204);
  expect(await ask<Template>("GET", "/welcome")).toMatchObject({ version: 0, changed: false });
  expect((await versions("welcome"))[3]).toEqual([0, true]);
  await save("welcome", "<p>Three</p>");
  expect((await versions("welcome"))[0]).toEqual([4, true]);
  await ask("POST", "/welcome/restorations", { locale: "en", version: 0 });
  expect(await ask<Template>("GET", "/welcome")).toMatchObject({ version: 0 });
  await ask("POST", "/welcome/restorations", { locale: "en", version: 99 }, 404);
});

test("one locale is reset and the others stay", async () => {
  await ask("PUT", "/welcome?locale=de", { subject: "Hallo", html: "<p>Hallo</p>" });
  await ask("PUT", "/welcome?locale=fr", { subject: "Bonjour", html: "<p>Bonjour</p>" });
  await ask("DELETE", "/welcome?locale=de", undefined, 204);
  expect(await ask<Template>("GET", "/welcome?locale=de")).toMatchObject({ version: 0 });
  expect(await ask<Template>("GET", "/welcome?locale=fr")).toMatchObject({
    subject: "Bonjour",
    locales: ["de", "en", "fr"],
  });
});

test("what is the same already is no version and no event", async () => {
  const { subject, html } = await ask<Template>("GET", "/welcome");
  const told = (await events()).length;
  await save("welcome", html, { subject });
  expect(await versions("welcome")).toEqual([[0, true]]);
  expect((await events()).length).toBe(told);
});

test("one that cannot be rendered is not saved, and its faults are told with their places", async () => {
  const refused = await save("welcome", "<p>\n {{ user.name | shout }}", {}, 422);
  expect(refused).toMatchObject({
    code: "invalid_template",
    faults: [{ severity: "error", code: "unknown_filter", part: "html", line: 2, column: 2 }],
  });
  const loop = "{% for a in (1..90000) %}{% for b in (1..90000) %}{% endfor %}{% endfor %}";
  expect(await save("welcome", `${loop}{{ panelUrl }}`, {}, 422)).toMatchObject({ faults: [{ code: "too_slow" }] });
  expect(await versions("welcome")).toEqual([[0, true]]);
});

test("what is only doubtful is saved and told", async () => {
  const saved = await save("welcome", "{{ user.nmae }}<script>x</script>");
  expect(saved.faults.map(({ code }) => code)).toEqual(["unknown_token", "script", "missing_token"]);
});

test("a template of one's own is made, told with old and new, and deleted with its versions", async () => {
  const told = (await events()).length;
  const tokens = [{ name: "order.id", required: true, sample: "O-1" }];
  await save("order-shipped", "<p>{{ order.id }}\nx</p>", { title: "Order shipped", tokens });
  await save("order-shipped", "<p>{{ order.id }}\ny\nz</p>", { subject: "Other", layout: false });
  await ask("DELETE", "/order-shipped", undefined, 204);
  await ask("GET", "/order-shipped", undefined, 404);
  const [made, changed, deleted] = (await events()).slice(told);
  expect(made).toMatchObject({
    action: "mail.template.created",
    target_name: "Order shipped",
    details: { version: 1 },
  });
  expect(made?.changes).toContainEqual({ field: "variables", old: [], new: ["order.id, required"] });
  expect(changed).toMatchObject({ action: "mail.template.updated", details: { locale: "en", version: 2 } });
  expect(changed?.changes).toEqual([
    { field: "subject", old: "Subject", new: "Other" },
    { field: "html", old: "2 lines, 1 removed", new: "3 lines, 2 added" },
    { field: "layout", old: true, new: false },
  ]);
  expect(deleted).toMatchObject({ action: "mail.template.deleted" });
});

test("a partial that others render is not deleted", async () => {
  await save("signature", "Yours, {{ brand.name }}", { kind: "partial" });
  await save("order-shipped", "Hello {% render 'signature' %}");
  expect(await ask("DELETE", "/signature", undefined, 409)).toMatchObject({
    code: "template_in_use",
    usedBy: ["order-shipped"],
  });
  await save("order-shipped", "Hello");
  await ask("DELETE", "/signature", undefined, 204);
  await save("welcome", "x", { kind: "partial" }, 400);
});

test("a preview shows what is not saved, with sample data or other", async () => {
  const preview = (body: object, name = "welcome", status = 200) =>
    ask<Preview>("POST", `/${name}/previews`, body, status);
  const shown = await preview({ locale: "de" });
  expect(shown).toMatchObject({ subject: "Willkommen bei Daybook", locale: "de", faults: [] });
  expect(shown.html).toContain("Dana Whitfield");
  const draft = { subject: "For {{ user.name }}", html: "<p>{{ user.name }}</p>", layout: false };
  expect(await preview({ ...draft, data: { user: { name: "A & B" } } })).toMatchObject({
    ...{ subject: "For A & B", html: "<p>A &amp; B</p>", text: "A & B" },
  });
  expect(await preview({ ...draft, text: "Plain {{ user.name }}" })).toMatchObject({ text: "Plain Dana Whitfield" });
  expect(await preview({ html: "{{ x | nope }}" })).toMatchObject({ html: "", faults: [{ code: "unknown_filter" }] });
  expect(await preview({ subject: "New", html: "new" }, "not-there-yet")).toMatchObject({ subject: "New" });
  await preview({}, "not-there-yet", 404);
  expect(await versions("welcome")).toEqual([[0, true]]);
});

test("a preview with a past message's data shows that data as it is kept, and is on record", async () => {
  const data = { resetUrl: "https://panel.acme.example/reset/abcdef", user: { name: "Kim" } };
  const sent = await owner.request("POST", "/mail/messages", {
    to: "kim@acme.example",
    template: "password-reset",
    data,
  });
  const { id } = sent.json();
  const shown = await ask<Preview>("POST", "/password-reset/previews", { messageId: id });
  expect(shown.html).toContain("Hello Kim");
  expect(shown.html).toMatch(/href="\[(masked|redacted)\]"/);
  expect(shown.html).not.toContain("abcdef");
  const { rowCount } = await server.deps.db.query("select from event where action = 'mail.opened' and target_id = $1", [
    id,
  ]);
  expect(rowCount).toBe(1);
  const support = await signedInClient(server, { role: "support" });
  const refused = await support.request("POST", "/mail/templates/password-reset/previews", { messageId: id });
  expect(refused.json()).toMatchObject({ code: "forbidden", permission: "mail.body" });
});

test("a test goes to the person who asks, and not for an API key", async () => {
  await save("welcome", "<p>Hello {{ user.name }}</p>", { subject: "Hi" });
  const sent = await owner.request("POST", "/mail/templates/welcome/test-messages", {});
  expect(sent.statusCode, sent.body).toBe(202);
  expect(sent.json()).toMatchObject({ subject: "[Test] Hi", to: { address: owner.member.email }, status: "queued" });
  expect((await events()).at(-1)).toMatchObject({
    ...{ action: "mail.template.tested", details: { locale: "en", messageId: sent.json().id } },
  });
  const unsaved = { subject: "Not saved", html: "<p>Not saved</p>" };
  const tried = await owner.request("POST", "/mail/templates/welcome/test-messages", unsaved);
  expect(tried.json()).toMatchObject({ subject: "[Test] Not saved" });
  const { headers } = await apiKey(server.deps);
  const url = "/api/v1/mail/templates/welcome/test-messages";
  expect((await server.app.inject({ method: "POST", url, headers, payload: {} })).statusCode).toBe(403);
  expect((await owner.request("POST", "/mail/templates/footer/test-messages", {})).statusCode).toBe(422);
});
