import { apiKey, type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { version } from "../../app.ts";

let server: TestApp;
beforeAll(async () => {
  server = await testApp();
});
afterAll(() => server.close());

it("tells version and credits to those who may read, and to nobody else", async () => {
  const url = "/api/v1/about";
  expect((await server.app.inject({ url })).statusCode).toBe(401);
  const reader = await apiKey(server.deps, { scopes: ["events:read"] });
  const writer = await apiKey(server.deps, { scopes: ["events:write"] });
  expect((await server.app.inject({ url, headers: writer.headers })).statusCode).toBe(403);
  const answer = await server.app.inject({ url, headers: reader.headers });
  expect(answer.json()).toEqual({
    name: "Daybook",
    version,
    build: { node: process.versions.node },
    credit: expect.stringContaining("https://db-ip.com"),
    credits: [
      {
        what: "country",
        text: expect.stringContaining("DB-IP"),
        url: "https://db-ip.com",
        builtAt: expect.any(String),
      },
      { what: "network", text: expect.stringContaining("RouteViews"), url: expect.any(String) },
    ],
  });
});
