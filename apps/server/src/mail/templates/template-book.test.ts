import { AppError } from "@daybook/contract";
import { testDeps } from "@daybook/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Deps } from "../../deps.ts";
import { token } from "./shipped/shipped-template.ts";
import { addVersion, listCurrent, putSettings, type TemplateSettings } from "./template-store.ts";

let deps: Deps;
let close: () => Promise<void>;
let workspaceId: number;

beforeAll(async () => {
  const opened = await testDeps();
  ({ deps, close } = opened);
  ({ workspaceId } = opened.database);
});
afterAll(() => close());
beforeEach(async () => {
  await deps.db.query("delete from mail_template_version");
  await deps.db.query("delete from mail_template");
  deps.templates.forget(workspaceId);
});

const by = { name: "Dana", atMs: Date.now() };

/** Puts a version into the database as it is, past the checks of the API: as after an update of Daybook, or a change of a partial. */
async function put(
  name: string,
  html: string,
  more: { locale?: string; subject?: string; text?: string; settings?: Partial<TemplateSettings> } = {},
): Promise<void> {
  const settings = { title: name, kind: "template", tokens: [], layout: false, unsubscribe: false, ...more.settings };
  await putSettings(deps.db, workspaceId, name, settings as TemplateSettings, by);
  const text = { subject: more.subject ?? "Subject", html, ...(more.text === undefined ? {} : { text: more.text }) };
  await addVersion(deps.db, workspaceId, name, more.locale ?? "en", text, by);
  deps.templates.forget(workspaceId);
}

const render = (name: string, data: Record<string, never> | object = {}, locale?: string) =>
  deps.templates.render(workspaceId, { name, locale, data: data as Record<string, string> });
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "none",
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );
const faults = async () =>
  (await listCurrent(deps.db, workspaceId)).filter((each) => !each.good).map(({ name, fault }) => `${name}: ${fault}`);

test("a shipped template is rendered with what the workspace looks like", async () => {
  const mail = await render("welcome", { user: { name: "Dana <b>" }, panelUrl: "https://panel.acme.example" });
  expect(mail).toMatchObject({
    subject: "Welcome to Daybook",
    template: "welcome",
    version: 0,
    locale: "en",
    inline: [],
  });
  expect(mail.html).toContain("Welcome, Dana &lt;b&gt;");
  expect(mail.html).toContain('href="https://panel.acme.example"');
  expect(mail.text).toContain("Welcome, Dana <b>");
});

test("what is missing is told by name, and nothing is rendered", async () => {
  const refused = render("password-reset", { user: { name: "Dana" } });
  await expect(refused).rejects.toMatchObject({ code: "missing_data", options: { extra: { missing: ["resetUrl"] } } });
  expect(await codeOf(render("password-reset", { resetUrl: "" }))).toBe("missing_data");
  expect(await codeOf(render("no-such-template"))).toBe("not_found");
  expect(await codeOf(render("button"))).toBe("invalid_template");
});

test("secrets are named in every form, and masked in what is kept", async () => {
  const resetUrl = "https://panel.acme.example/reset?a=1&b=2";
  const mail = await render("password-reset", { resetUrl, note: `see ${resetUrl}`, user: { name: "Dana" } });
  expect(mail.secrets).toContain(resetUrl);
  expect(mail.secrets).toContain("https://panel.acme.example/reset?a=1&amp;b=2");
  expect(mail.variablesMasked).toEqual({ resetUrl: "[masked]", note: "see [masked]", user: { name: "Dana" } });
  const rest = mail.secrets.reduce((html, secret) => html.replaceAll(secret, ""), mail.html + mail.text);
  expect(rest).not.toContain("/reset?");
});

test("the locale that comes nearest is used", async () => {
  await put("own", "pt", { locale: "pt" });
  await put("own", "en", { locale: "en" });
  await put("own", "de-AT", { locale: "de-AT" });
  await put("french", "fr", { locale: "fr" });
  const asked = ["pt-BR", "pt", "de", "de-AT", "it", undefined] as const;
  const got = await Promise.all(asked.map(async (locale) => (await render("own", {}, locale)).html));
  expect(got).toEqual(["pt", "pt", "de-AT", "de-AT", "en", "en"]);
  expect((await render("french", {}, "it")).html).toBe("fr");
  expect((await render("welcome", { panelUrl: "https://x.example" }, "de-CH")).subject).toBe("Willkommen bei Daybook");
});

test("a broken version is set aside for the one before it, and it is noted why", async () => {
  await put("welcome", "first");
  await put("welcome", "second");
  await put("welcome", "third\n{{ x | nope }}");
  expect(await render("welcome")).toMatchObject({ html: "second", version: 2 });
  expect(await faults()).toEqual(["welcome: html, line 2: There is no filter nope"]);
  expect(await render("welcome")).toMatchObject({ version: 2 });
});

test("of a shipped template the shipped text is the last resort", async () => {
  await put("plain", "{% if %}");
  expect(await render("plain", { message: "Hello" })).toMatchObject({ version: 0 });
});

test("a template that does not end is set aside too, and mail goes on", async () => {
  await put("own", "good");
  await put("own", "{% for a in (1..90000) %}{% for b in (1..90000) %}{% endfor %}{% endfor %}");
  expect(await render("own")).toMatchObject({ html: "good", version: 1 });
  expect(await faults()).toEqual([expect.stringMatching(/^own: .*takes longer than 1 s/)]);
}, 20_000);

test("data of one mail that makes too much of a template blames nobody else's", async () => {
  await put("own", "good");
  await put("own", "{% for i in (1..count) %}x{% endfor %}", {
    settings: { tokens: [token("count", "How many", 3)] },
  });
  expect(await render("own", { count: 1_000_000_000 })).toMatchObject({ html: "good", version: 1 });
  expect(await render("own", { count: 2 })).toMatchObject({ html: "xx", version: 2 });
  expect(await faults()).toEqual([]);
});

test("a template of which no version can be rendered is refused, and a new version mends it", async () => {
  await put("own", "{{ x | nope }}");
  expect(await codeOf(render("own"))).toBe("invalid_template");
  await put("own", "mended");
  expect(await render("own")).toMatchObject({ html: "mended", version: 2 });
});

test("of a broken partial the version before it is used, and the template is not blamed", async () => {
  await put("sig", "good", { settings: { kind: "partial" } });
  await put("sig", "{{ x | nope }}", { settings: { kind: "partial" } });
  await put("own", "Hello {% render 'sig' %}");
  expect(await render("own")).toMatchObject({ html: "Hello good" });
  expect(await faults()).toEqual(["sig: html: In the partial sig, line 1, column 1: There is no filter nope"]);
});

test("a partial of which no version can be rendered is left out", async () => {
  await put("sig", "{{ x | nope }}", { settings: { kind: "partial" } });
  await put("own", "Hello {% render 'sig' %}");
  expect(await render("own")).toMatchObject({ html: "Hello ", version: 1 });
});

test("a broken layout falls back to the shipped one", async () => {
  await put("layout", "{% for %}", { settings: { kind: "partial" } });
  const { html } = await render("welcome", { panelUrl: "https://x.example" });
  expect(html).toContain('class="m-card"');
  expect(await faults()).toEqual([expect.stringMatching(/^layout: /)]);
});

test("another workspace's templates are not used", async () => {
  await put("own", "secret of the first");
  const { rows } = await deps.ownerDb.query<{ id: number }>(
    "insert into workspace (slug, name) values ('other', 'Other') returning id",
  );
  expect(await codeOf(deps.templates.render(rows[0]?.id ?? 0, { name: "own", data: {} }))).toBe("not_found");
});

test("the text part that is given is used, and is not escaped", async () => {
  await put("own", "<p>x</p>", { text: "Hello {{ name }}" });
  expect(await render("own", { name: "A & B" })).toMatchObject({ text: "Hello A & B" });
});

test("the logo of the workspace goes along as a picture that the HTML names", async () => {
  const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  const settings = { logo: `data:image/png;base64,${png}`, brandName: "Acme & Sons", accentColour: "#0f766e" };
  await deps.ownerDb.query("update workspace set settings = settings || $2 where id = $1", [workspaceId, settings]);
  await deps.settings.reload();
  const mail = await render("welcome", { panelUrl: "https://x.example" });
  expect(mail.subject).toBe("Welcome to Acme & Sons");
  expect(mail.html).toContain('<img src="cid:logo@daybook"');
  expect(mail.html).toContain('bgcolor="#0f766e"');
  expect(mail.html).toContain("Acme &amp; Sons");
  expect(mail.inline).toMatchObject([{ contentType: "image/png", contentId: "logo@daybook", content: png }]);
});
