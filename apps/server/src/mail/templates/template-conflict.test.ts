import { type SignedInClient, signedInClient, type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

let server: TestApp;
let owner: SignedInClient;

beforeAll(async () => {
  server = await testApp();
  owner = await signedInClient(server);
});
afterAll(() => server.close());

const save = (html: string, basedOn?: number) =>
  owner.request("PUT", "/mail/templates/welcome?locale=en", {
    ...{ subject: "Welcome", html },
    ...(basedOn !== undefined && { basedOn }),
  });
const htmlNow = async () => (await owner.request("GET", "/mail/templates/welcome")).json().html;

test("of two who changed the same version only the first saves; the other is told who was faster", async () => {
  const replies = await Promise.all([save("<p>One</p>", 0), save("<p>Two</p>", 0)]);
  expect(replies.map(({ statusCode }) => statusCode).sort()).toEqual([200, 409]);
  const refused = replies.find(({ statusCode }) => statusCode === 409);
  expect(refused?.json()).toMatchObject({
    code: "conflict",
    detail: expect.stringContaining("version 1 came in between"),
  });
  expect(await htmlNow()).toBe(replies[0]?.statusCode === 200 ? "<p>One</p>" : "<p>Two</p>");
});

test("a change that names the current version is saved, and so is one that names none", async () => {
  expect((await save("<p>Three</p>", 1)).statusCode).toBe(200);
  expect((await save("<p>Four</p>")).statusCode).toBe(200);
  expect(await htmlNow()).toBe("<p>Four</p>");
});

test("after a reset the shipped text is what a change is based on", async () => {
  await owner.request("DELETE", "/mail/templates/welcome");
  expect((await save("<p>Five</p>", 3)).statusCode).toBe(409);
  expect((await save("<p>Five</p>", 0)).statusCode).toBe(200);
});
