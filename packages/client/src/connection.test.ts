import { type TestPanel, testPanel } from "@daybook/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Connection } from "./connection.ts";

// A web server that answers as it is told: what Daybook itself would seldom say.
let server: TestPanel;
beforeAll(async () => {
  server = await testPanel();
});
afterAll(() => server.close());
beforeEach(() => {
  server.requests.length = 0;
});

const call = { method: "POST", path: "/events", body: "{}" } as const;
const connection = (more: object = {}) => new Connection({ url: `${server.address}/`, key: "dbk_x", ...more });

test("a call carries the key and its body, and gives what was answered", async () => {
  server.answerWith(() => ({ status: 201, body: '{"accepted":1}' }));
  expect(await connection().call(call)).toEqual({ status: 201, body: { accepted: 1 }, tries: 1 });
  expect(server.requests).toMatchObject([
    { body: "{}", headers: { authorization: "Bearer dbk_x", "content-type": "application/json" } },
  ]);
});

test.each([408, 425, 429, 500, 502, 503, 504])("%i is tried again", async (status) => {
  server.answerWith((request) => (server.requests.indexOf(request) === 0 ? { status } : { status: 200, body: "{}" }));
  expect((await connection().call(call)).tries).toBe(2);
});

test.each([400, 401, 403, 404, 409, 413, 422])("%i is final", async (status) => {
  server.answerWith(() => ({ status, body: JSON.stringify({ code: "some_code", detail: "why", next: 4 }) }));
  await expect(connection().call(call)).rejects.toMatchObject({
    name: "DaybookError",
    code: "some_code",
    message: "why",
    status,
    problem: { next: 4 },
  });
  expect(server.requests).toHaveLength(1);
});

test("the waits grow, and the call is given up when its time is over", async () => {
  server.answerWith(() => undefined);
  const began = Date.now();
  await expect(connection({ retryForMs: 2_000 }).call(call)).rejects.toMatchObject({ code: "unreachable", status: 0 });
  expect(Date.now() - began).toBeLessThan(4_000);
  // Waits of at most 0.25, 0.5 and 1 s, at least half of that; a further one would be over the time.
  expect(server.requests.length).toBeGreaterThanOrEqual(4);
  expect(server.requests.length).toBeLessThanOrEqual(5);
});

test("Retry-After may be a date", async () => {
  const times: number[] = [];
  server.answerWith(() => {
    times.push(Date.now());
    const until = new Date(Math.ceil(Date.now() / 1000) * 1000 + 1_000);
    if (times.length === 1) return { status: 503, headers: { "retry-after": until.toUTCString() } };
    return { status: 200, body: "{}" };
  });
  await connection().call(call);
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(950);
});

test("what a proxy says in HTML is told with its status; a redirect is not followed", async () => {
  server.answerWith(() => ({ status: 404, body: "<h1>nginx</h1>" }));
  await expect(connection().call(call)).rejects.toMatchObject({
    code: "http_404",
    message: expect.stringContaining("nginx"),
  });
  server.answerWith(() => ({ status: 302, headers: { location: "http://127.0.0.1:1/" } }));
  await expect(connection({ retryForMs: 0 }).call(call)).rejects.toMatchObject({ code: "unreachable" });
});

test("an answer that does not come in time is a lost one", async () => {
  server.answerWith((request) =>
    server.requests.indexOf(request) === 0 ? new Promise(() => {}) : { status: 200, body: "{}" },
  );
  expect((await connection({ timeoutMs: 200 }).call(call)).tries).toBe(2);
});

test("an address or a key that cannot be one is said at once", () => {
  expect(() => new Connection({ url: "daybook.example.com", key: "dbk_x" })).toThrow("not an http(s) address");
  expect(() => connection({ key: "" })).toThrow("keys create");
});
