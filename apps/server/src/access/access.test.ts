import { apiKey, signedInClient, type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

let server: TestApp;
let address: string;
beforeAll(async () => {
  server = await testApp({ config: { publicUrl: "https://log.acme.example" } });
  address = await server.app.listen({ port: 0, host: "127.0.0.1" });
});
afterAll(() => server.close());

type Headers = Record<string, string>;

/** Over a real connection, with exactly these headers. */
const send = (method: string, path: string, headers: Headers, body?: object) =>
  fetch(`${address}/api/v1${path}`, {
    method,
    headers: body === undefined ? headers : { ...headers, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

const newKey = { name: "from a test", scopes: ["events:read"] };
const codeOf = async (reply: Response) => ((await reply.json()) as { code: string }).code;

test("without a key or a session a call is refused and says what is missing", async () => {
  const reply = await send("GET", "/api-keys", {});
  expect(reply.status).toBe(401);
  expect(reply.headers.get("www-authenticate")).toBe("Bearer");
  expect(reply.headers.get("content-type")).toContain("application/problem+json");
  expect(await codeOf(reply)).toBe("unauthenticated");
});

test("a change over a session needs the CSRF token of that very session", async () => {
  const dana = await signedInClient(server);
  const lee = await signedInClient(server);
  const { cookie } = dana.headers as { cookie: string };
  const create = (headers: Headers) => send("POST", "/api-keys", headers, newKey);
  expect(await codeOf(await create({ cookie }))).toBe("csrf_failed");
  expect(await codeOf(await create({ cookie, "x-daybook-csrf": "" }))).toBe("csrf_failed");
  expect(await codeOf(await create({ cookie, "x-daybook-csrf": lee.csrfToken }))).toBe("csrf_failed");
  expect((await create({ cookie, "x-daybook-csrf": dana.csrfToken })).status).toBe(201);
  expect((await send("GET", "/api-keys", { cookie })).status).toBe(200);
});

test("a change that another site's page sends is refused, whatever else it carries", async () => {
  const dana = await signedInClient(server);
  const create = (headers: Headers) => send("POST", "/api-keys", { ...dana.headers, ...headers }, newKey);
  for (const site of ["cross-site", "same-site", "nonsense"])
    expect(await codeOf(await create({ "sec-fetch-site": site }))).toBe("csrf_failed");
  for (const origin of [
    "https://evil.example",
    "null",
    "https://log.acme.example.evil.example",
    "http://log.acme.example",
  ])
    expect(await codeOf(await create({ origin }))).toBe("csrf_failed");
  for (const headers of [
    { "sec-fetch-site": "same-origin", origin: "https://log.acme.example" },
    { "sec-fetch-site": "none" },
    { origin: "https://log.acme.example" },
    { origin: address },
  ])
    expect((await create(headers as Headers)).status).toBe(201);
});

test("another site cannot sign a browser in or set the server up either", async () => {
  const dana = await signedInClient(server);
  const { email, password } = dana.member;
  const foreign = { "sec-fetch-site": "cross-site" };
  expect(await codeOf(await send("POST", "/sessions", foreign, { email, password }))).toBe("csrf_failed");
  const setup = { token: "x", email: "a@b.example", password };
  expect(await codeOf(await send("POST", "/setup", { origin: "https://evil.example" }, setup))).toBe("csrf_failed");
  const disguised = await fetch(`${address}/%61pi/v1/sessions`, {
    method: "POST",
    headers: { ...foreign, "content-type": "application/json" },
    body: JSON.stringify({ email, password }),
  });
  expect(await codeOf(disguised)).toBe("csrf_failed");
});

test("an API key needs no CSRF token, and wins over a cookie that comes along", async () => {
  const dana = await signedInClient(server);
  const key = await apiKey(server.deps, { scopes: ["events:read"] });
  const headers = { ...dana.headers, ...key.headers, "sec-fetch-site": "cross-site" };
  expect(await codeOf(await send("POST", "/api-keys", headers, newKey))).toBe("forbidden");
  const manager = await apiKey(server.deps);
  expect(
    (await send("POST", "/api-keys", { ...manager.headers, origin: "https://panel.example" }, newKey)).status,
  ).toBe(201);
});

test("a real browser's cookie comes back Secure and hidden from scripts behind an https address", async () => {
  const dana = await signedInClient(server);
  const { email, password } = dana.member;
  const reply = await send("POST", "/sessions", {}, { email, password });
  const [cookie] = reply.headers.getSetCookie();
  expect(cookie).toMatch(/^daybook_session=[\w-]{43}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Lax; Secure$/);
  const me = await send("GET", "/me", { cookie: cookie?.split(";")[0] ?? "" });
  expect(((await me.json()) as { staff: { email: string } }).staff.email).toBe(email);
});

test("a broken cookie or key does not shut anybody out of what is public", async () => {
  for (const headers of [
    { cookie: "daybook_session=nonsense" },
    { authorization: "Bearer dbk_nonsense" },
  ] as Headers[]) {
    expect((await send("GET", "/setup", headers)).status).toBe(200);
    expect((await send("GET", "/me", headers)).status).toBe(401);
  }
  expect((await fetch(`${address}/healthz`, { headers: { authorization: "Bearer dbk_nonsense" } })).status).toBe(200);
});

test("a proxy's own basic authentication does not get in the way of a session", async () => {
  const dana = await signedInClient(server);
  const reply = await send("GET", "/me", { ...dana.headers, authorization: "Basic b3BlcmF0b3I6eA==" });
  expect(reply.status).toBe(200);
});

test("each role may do what its line in the table says", async () => {
  const expected = { owner: 200, administrator: 200, auditor: 200, support: 403, billing: 403 } as const;
  for (const [role, status] of Object.entries(expected)) {
    const person = await signedInClient(server, { role: role as keyof typeof expected });
    expect([role, (await send("GET", "/api-keys", person.headers)).status]).toEqual([role, status]);
  }
});

/** What may be asked without a key or a session; everything else under /api/v1 must refuse. */
const forEverybody = new Set(["POST /sessions", "GET /setup", "POST /setup", "POST /passwords", "GET /about"]);

test("no call but the few that are for everybody answers a stranger", async () => {
  const document = (await (await fetch(`${address}/api/openapi.json`)).json()) as { paths: Record<string, object> };
  const calls = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path: path.replace("/api/v1", "") })),
  );
  expect(calls.length).toBeGreaterThan(15);
  for (const { method, path } of calls) {
    if (forEverybody.has(`${method} ${path}`)) continue;
    const filled = path.replace(/\{[^}]+\}/g, crypto.randomUUID());
    const reply = await send(method, filled, {}, method === "GET" ? undefined : {});
    // A body or an address that is not valid may be refused first.
    expect([`${method} ${path}`, [400, 401].includes(reply.status) || reply.status]).toEqual([
      `${method} ${path}`,
      true,
    ]);
    await reply.body?.cancel();
  }
});
