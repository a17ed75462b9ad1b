import { generateKeyPairSync } from "node:crypto";
import { apiKey, type TestApp, testApp } from "@daybook/testkit";
import { type TestMailServer, testMailServer } from "@daybook/testkit/mail-server.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readSmtpUrl } from "./smtp-url.ts";
import { TransportBook } from "./transport-book.ts";

let server: TestApp;
let mails: TestMailServer;
let headers: Record<string, string>;

beforeAll(async () => {
  mails = await testMailServer({ security: "none" });
  const smtpUrl = readSmtpUrl(`smtp://config-user:config-secret@${mails.host}:${mails.port}?security=none`);
  server = await testApp({ config: { smtpUrl, mailFrom: "panel@acme.example" } });
  ({ headers } = await apiKey(server.deps));
});
afterAll(async () => {
  await server.close();
  await mails.close();
});

async function call(method: "GET" | "PUT" | "DELETE" | "POST", path: string, payload?: object) {
  const reply = await server.app.inject({ method, url: `/api/v1/mail${path}`, headers, ...(payload && { payload }) });
  return { status: reply.statusCode, body: reply.body === "" ? undefined : reply.json(), text: reply.body };
}

const privateKey = (bits: number) =>
  generateKeyPairSync("rsa", { modulusLength: bits }).privateKey.export({ type: "pkcs8", format: "pem" });

test("the mail server of the installation is there, last, and not to be changed here", async () => {
  await call("PUT", "/transports/main", { host: "mail.acme.example" });
  const { body, text } = await call("GET", "/transports");
  expect(body.items.map(({ name, source }: { name: string; source: string }) => [name, source])).toEqual([
    ["main", "api"],
    ["config", "config"],
  ]);
  expect(body.items[1]).toMatchObject({ passwordSet: true, state: "new", security: "none" });
  expect(text).not.toContain("config-secret");
  expect(await call("PUT", "/transports/config", { host: "evil.example" })).toMatchObject({ status: 409 });
  expect(await call("DELETE", "/transports/config")).toMatchObject({ status: 409 });
});

test("a password is encrypted, never shown, and stays when it is left out; not for another host", async () => {
  const set = { host: "mail.acme.example", user: "panel", password: "s3cret-password" };
  const put = await call("PUT", "/transports/kept", set);
  expect(put).toMatchObject({
    status: 200,
    body: { passwordSet: true, user: "panel", port: 587, security: "starttls" },
  });
  const { rows } = await server.deps.ownerDb.query<{ row: string; sealed: Buffer }>(
    "select settings::text as row, sealed from mail_transport where name = 'kept'",
  );
  expect(put.text + rows[0]?.row + rows[0]?.sealed.toString("latin1")).not.toContain("s3cret-password");
  const { password: _, ...rest } = set;
  await call("PUT", "/transports/kept", { ...rest, connections: 9 });
  const book = new TransportBook(server.deps);
  const kept = (await book.of(server.workspaceId)).find(({ name }) => name === "kept");
  expect(kept).toMatchObject({ password: "s3cret-password", connections: 9 });
  for (const other of [{ host: "evil.example" }, { security: "none" }, { allowSelfSigned: true }]) {
    const moved = await call("PUT", "/transports/kept", { ...rest, ...other });
    expect(moved).toMatchObject({ status: 400, body: { errors: [{ pointer: "/password" }] } });
  }
  const { user: __, ...nobody } = rest;
  expect((await call("PUT", "/transports/kept", nobody)).body.passwordSet).toBe(false);
});

test("what changed is on record, without secrets", async () => {
  await call("PUT", "/transports/recorded", { host: "one.example", user: "u", password: "first-password" });
  await call("PUT", "/transports/recorded", { host: "two.example", user: "u", password: "second-password" });
  const { rows } = await server.deps.db.query<{ changes: string }>(
    "select changes from event where action = 'mail.transport.updated' and target_id = 'recorded' order by seq",
  );
  expect(JSON.parse(rows[1]?.changes ?? "")).toEqual([
    { field: "host", old: "one.example", new: "two.example" },
    { field: "password", changed: true },
  ]);
  expect(JSON.stringify(rows)).not.toMatch(/first-password|second-password/);
});

test("a DKIM key is checked, kept, and shown as the record to publish", async () => {
  const dkim = { domain: "acme.example", selector: "d1", privateKey: privateKey(2048) };
  const put = await call("PUT", "/transports/signed", { host: "mail.acme.example", dkim });
  expect(put.body.dkim).toMatchObject({
    selector: "d1",
    record: expect.stringMatching(/^v=DKIM1; k=rsa; p=[\w+/=]{300,}$/),
  });
  expect(put.text).not.toContain("PRIVATE");
  const again = await call("PUT", "/transports/signed", { host: "mail.acme.example" });
  expect(again.body.dkim).toEqual(put.body.dkim);
  const none = await call("PUT", "/transports/signed", { host: "mail.acme.example", dkim: null });
  expect(none.body.dkim).toBeUndefined();
  for (const bad of ["nonsense", privateKey(512)]) {
    const refused = await call("PUT", "/transports/signed", { host: "a.example", dkim: { ...dkim, privateKey: bad } });
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ pointer: "/dkim/privateKey" }] } });
  }
});

test("private networks are the operator's own; where clouds hand out credentials is refused", async () => {
  expect((await call("PUT", "/transports/near", { host: "10.0.0.5", security: "none" })).status).toBe(200);
  expect(await call("PUT", "/transports/cloud", { host: "169.254.169.254" })).toMatchObject({
    status: 422,
    body: { code: "address_refused" },
  });
});

test("a test mail goes to the address that is named; a key has none of its own", async () => {
  const path = "/transports/config/test-messages";
  expect(await call("POST", path, {})).toMatchObject({ status: 400, body: { errors: [{ pointer: "/to" }] } });
  expect(await call("POST", path, { to: "dana@customer.example" })).toMatchObject({
    status: 200,
    body: { ok: false, class: "login_refused" },
  });
  expect((await call("POST", "/transports/nothing/test-messages", { to: "a@b.example" })).status).toBe(404);
});

test("a mail server that is removed is gone", async () => {
  expect((await call("DELETE", "/transports/main")).status).toBe(204);
  expect((await call("DELETE", "/transports/main")).status).toBe(404);
});
