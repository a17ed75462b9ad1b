import { type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPool } from "./db/pool.ts";

let server: TestApp;

beforeAll(async () => {
  server = await testApp({ config: { requestsPerMinute: 30, metricsToken: undefined } });
});

afterAll(() => server.close());

const from = (address: string) => ({ remoteAddress: address });

test("the API describes itself as OpenAPI 3.1: every call has a summary, a tag and problems as its default answer", async () => {
  const reply = await server.app.inject({ url: "/api/openapi.json", ...from("192.0.2.1") });
  const document = reply.json();
  expect(document.openapi).toBe("3.1.0");
  const calls = Object.entries<Record<string, { summary?: string; tags?: string[]; responses: object }>>(
    document.paths,
  );
  expect(calls.length).toBeGreaterThan(8);
  for (const [path, operations] of calls) {
    expect(path).toMatch(/^\/api\/v1\//);
    for (const [method, operation] of Object.entries(operations)) {
      expect(operation.summary, `${method} ${path} has no summary`).toBeTruthy();
      expect(operation.tags, `${method} ${path} has no tag`).toHaveLength(1);
      expect(operation.responses).toHaveProperty("default");
    }
  }
  expect(document.paths["/api/v1/events"].post.requestBody.content).toHaveProperty("application/json");
});

test("the reference is one page without scripts that names every call", async () => {
  const document = (await server.app.inject({ url: "/api/openapi.json", ...from("192.0.2.2") })).json();
  const page = await server.app.inject("/docs/api");
  expect(page.headers["content-type"]).toContain("text/html");
  expect(page.body).not.toMatch(/<script|style=|https?:\/\/(?!example)/);
  for (const path of Object.keys(document.paths)) expect(page.body).toContain(path);
  expect((await server.app.inject("/docs/api.css")).headers["content-type"]).toContain("text/css");
});

test("nothing may be loaded from elsewhere, framed or sniffed", async () => {
  const { headers } = await server.app.inject("/healthz");
  const policy = String(headers["content-security-policy"]);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(headers["x-content-type-options"]).toBe("nosniff");
  expect(headers["strict-transport-security"]).toBeUndefined();
});

test("an address without access gets 429 with Retry-After once it used up its requests, others go on", async () => {
  const ask = (address: string) => server.app.inject({ url: "/api/v1/events", ...from(address) });
  for (let request = 0; request < 30; request++) expect((await ask("192.0.2.9")).statusCode).not.toBe(429);
  const refused = await ask("192.0.2.9");
  expect(refused.statusCode).toBe(429);
  expect(refused.json().code).toBe("too_many_requests");
  expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
  expect((await ask("192.0.2.10")).statusCode).not.toBe(429);
  expect((await server.app.inject({ url: "/healthz", ...from("192.0.2.9") })).statusCode).toBe(200);
});

test("guessed API keys count for the address they come from", async () => {
  const guess = (number: number) =>
    server.app.inject({
      method: "POST",
      url: "/api/v1/events",
      headers: { authorization: `Bearer dbk_${String(number).padStart(43, "0")}`, "content-type": "application/json" },
      payload: "{}",
      ...from("192.0.2.11"),
    });
  for (let number = 0; number < 30; number++) expect((await guess(number)).statusCode).toBe(401);
  expect((await guess(31)).statusCode).toBe(429);
});

test("metrics are for this machine, not for what a proxy passes on", async () => {
  const ask = (address: string, headers = {}) => server.app.inject({ url: "/metrics", headers, ...from(address) });
  const local = await ask("127.0.0.1");
  expect(local.statusCode).toBe(200);
  expect(local.body).toContain("daybook_http_request_seconds_bucket");
  expect((await ask("192.0.2.1")).statusCode).toBe(403);
  expect((await ask("127.0.0.1", { "x-forwarded-for": "192.0.2.1" })).statusCode).toBe(403);
});

test("with a metrics token only the token opens them", async () => {
  const guarded = await testApp({ config: { metricsToken: "let-me-see" } });
  const ask = (authorization: string) =>
    guarded.app.inject({ url: "/metrics", headers: { authorization }, ...from("192.0.2.1") });
  expect((await ask("Bearer let-me-see")).statusCode).toBe(200);
  expect((await ask("Bearer let-me-sea")).statusCode).toBe(401);
  expect((await ask("")).statusCode).toBe(401);
  await guarded.close();
});

test("readyz says when the database is away", async () => {
  const away = await testApp();
  const name = new URL(away.database.url).pathname.slice(1);
  const admin = openPool(away.database.url.replace(`/${name}?`, "/postgres?"), { connections: 1, name: "admin" });
  expect((await away.app.inject("/readyz")).statusCode).toBe(200);
  await admin.query(`alter database ${name} allow_connections false`);
  await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [name]);
  const reply = await away.app.inject("/readyz");
  expect(reply.statusCode).toBe(503);
  expect(reply.json().code).toBe("database_unavailable");
  expect(reply.headers["retry-after"]).toBeDefined();
  await admin.query(`alter database ${name} allow_connections true`);
  expect((await away.app.inject("/readyz")).statusCode).toBe(200);
  await admin.end();
  await away.close();
});
