import { readFileSync } from "node:fs";
import { apiKey, type SignedInClient, signedInClient, type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { shippedTemplates } from "./shipped/shipped-set.ts";

const guide = readFileSync(new URL("../../../../../docs/guides/mail-templates.md", import.meta.url), "utf8");

let server: TestApp;
let owner: SignedInClient;
beforeAll(async () => {
  server = await testApp({ config: { mailFrom: "panel@host.example" } });
  owner = await signedInClient(server);
});
afterAll(() => server.close());

test("the guide names every shipped template and partial, and none that there is not", () => {
  const named = [...guide.slice(0, guide.indexOf("They carry")).matchAll(/`([a-z-]+)`/g)].map((match) => match[1]);
  const mails = [...shippedTemplates.values()].filter(({ kind }) => kind === "template").map(({ name }) => name);
  expect(named.sort()).toEqual(mails.sort());
  expect(guide).toContain(`${mails.length} are shipped`);
  const partials = guide.slice(guide.indexOf("Five are shipped:"), guide.indexOf("There is no `include`"));
  const shipped = [...shippedTemplates.values()].filter(({ kind }) => kind === "partial").map(({ name }) => name);
  expect([...partials.matchAll(/`([a-z-]+)`/g)].map((match) => match[1]).sort()).toEqual(shipped.sort());
});

test("the call of the guide sends a mail", async () => {
  const body = /-d '(\{[\s\S]*?\})'\n/.exec(guide)?.[1] ?? "";
  const { headers } = await apiKey(server.deps, { scopes: ["mail:send"] });
  const url = "/api/v1/mail/messages";
  const reply = await server.app.inject({ method: "POST", url, headers, payload: JSON.parse(body) });
  expect(reply.statusCode, reply.body).toBe(202);
  expect(reply.json()).toMatchObject({
    subject: "Ihr Server mc-01 ist bereit",
    template: "server-created",
    locale: "de",
  });
});

test("what the guide writes in Liquid can be rendered, and gets the styles that it promises", async () => {
  const html = /```liquid\n([\s\S]*?)```/.exec(guide)?.[1] ?? "";
  const data = {
    ...{ user: { name: "Dana" }, server: { name: "mc-01", ip: "198.51.100.17" } },
    ...{ at: "2026-03-04T13:32:00Z", serverUrl: "https://panel.acme.example" },
  };
  const classes = [...guide.matchAll(/`(p|div)\.(\w+)`/g)].map(([, tag, name]) => `<${tag} class="${name}">x</${tag}>`);
  const body = { subject: "x", html: html + classes.join("\n"), data };
  const shown = await owner.request("POST", "/mail/templates/guide/previews", body);
  expect(shown.statusCode, shown.body).toBe(200);
  expect(shown.json().html).toContain("is ready since 4 March 2026, 13:32");
  expect(classes.length).toBeGreaterThan(5);
  for (const each of classes) expect(shown.json().html).toContain(`${each.slice(0, each.indexOf(">"))} style="`);
});

test("every call of the guide is there", () => {
  const calls = [...guide.matchAll(/\| `(GET|PUT|POST|DELETE) (\/api\/[^`?]+)/g)];
  expect(calls).toHaveLength(8);
  for (const [, method = "", url = ""] of calls)
    expect(server.app.hasRoute({ method: method as "GET", url }), `${method} ${url}`).toBe(true);
});
