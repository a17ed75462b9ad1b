import type { Setting, Settings } from "@daybook/contract";
import { addWorkspace, apiKey, type SignedInClient, signedInClient, type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { buildApp } from "../app.ts";
import { RedactionBook } from "../record/redaction-book.ts";
import { SettingsBook } from "./settings-book.ts";

/** One pixel. */
const png =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

let server: TestApp;
let dana: SignedInClient;
beforeAll(async () => {
  const config = { trustedProxies: ["loopback"], staffAs: "The team", redactFields: ["installationSecret"] };
  server = await testApp({ config });
  dana = await signedInClient(server);
});
afterAll(() => server.close());

const change = (body: object) => dana.request("PATCH", "/settings", body);
const read = async (): Promise<Settings> => (await dana.request("GET", "/settings")).json();
const named = (list: readonly Setting[], name: string) => list.find((setting) => setting.name === name);
const setting = async (name: string) => named((await read()).workspace, name);

const changesOnRecord = async () => {
  const { rows } = await server.deps.db.query<{ summary: string; changes: string }>(
    "select summary, changes from event where action = 'settings.updated' order by seq",
  );
  return rows.map(({ summary, changes }) => ({ summary, changes: JSON.parse(changes) as object }));
};

test("each setting says its value, where it came from and whether it can be changed here", async () => {
  expect(await setting("timeZone")).toMatchObject({ value: "UTC", source: "default", changeable: true });
  expect(await setting("staffAs")).toMatchObject({ value: "The team", source: "environment", changeable: false });
  const { installation } = await read();
  expect(named(installation, "trustedProxies")).toMatchObject({ value: ["loopback"], changeable: false });
  expect(named(installation, "databaseUrl")).toMatchObject({ value: "set", secret: true });
  expect(JSON.stringify(installation)).not.toContain(server.database.url);
});

test("a change holds at once, is recorded with old and new, and null takes it back", async () => {
  const reply = await change({ timeZone: "Europe/Berlin", brandName: " Acme " });
  expect(reply.statusCode).toBe(200);
  expect(await setting("brandName")).toMatchObject({ value: "Acme", source: "workspace" });
  await change({ brandName: null });
  expect(await setting("brandName")).toMatchObject({ value: null, source: "default" });
  await change({ timeZone: "Europe/Berlin" }); // The same again is no change and no event.
  expect(await changesOnRecord()).toEqual([
    {
      summary: `${dana.member.name} changed timeZone, brandName`,
      changes: [
        { field: "timeZone", old: "UTC", new: "Europe/Berlin" },
        { field: "brandName", old: null, new: "Acme" },
      ],
    },
    { summary: `${dana.member.name} changed brandName`, changes: [{ field: "brandName", old: "Acme", new: null }] },
  ]);
});

test("every changeable setting keeps its name and value on record", async () => {
  const before = (await changesOnRecord()).length;
  const wanted = {
    accentColour: "#0F766E",
    logo: png,
    redactFields: ["ssn"],
    noticeNewLocation: false,
    noticeSessionExpired: true,
    viewerOrigins: ["https://panel.acme.example/"],
    sessionIdleMinutes: 30,
    sessionHours: 24,
  };
  expect((await change(wanted)).statusCode).toBe(200);
  const [event] = (await changesOnRecord()).slice(before);
  expect(event?.changes).toEqual([
    { field: "accentColour", old: null, new: "#0f766e" },
    { field: "logo", old: null, new: "PNG of 70 bytes" },
    { field: "redactFields", old: [], new: ["ssn"] },
    { field: "noticeNewLocation", old: true, new: false },
    { field: "noticeSessionExpired", old: false, new: true },
    { field: "viewerOrigins", old: [], new: ["https://panel.acme.example"] },
    { field: "sessionIdleMinutes", old: 480, new: 30 },
    { field: "sessionHours", old: 168, new: 24 },
  ]);
  const branding = (await dana.request("GET", "/branding")).json();
  expect(branding).toEqual({ name: null, accentColour: "#0f766e", logo: png, timeZone: "Europe/Berlin" });
});

test.each([
  [{ timeZone: "Europe/Atlantis" }, "/timeZone", "is not a time zone"],
  [{ accentColour: "#ffd400" }, "/accentColour", "contrast of 1.4 : 1"],
  [{ accentColour: "red" }, "/accentColour", "is not a colour"],
  [{ logo: "data:image/svg+xml;base64,PHN2Zy8+" }, "/logo", "is not a PNG"],
  [{ logo: `data:image/png;base64,${"A".repeat(60_000)}` }, "/logo", "bytes"],
  [{ viewerOrigins: ["https://acme.example/path"] }, "/viewerOrigins/0", "is not an origin"],
  [{ sessionHours: 0 }, "/sessionHours", ""],
  [{ colour: "#000000" }, "/", "colour"],
] as [object, string, string][])(
  "what is not valid is refused and changes nothing (case %#)",
  async (body, pointer, words) => {
    const before = await read();
    const reply = await change(body);
    expect(reply.statusCode).toBe(400);
    const [fault] = reply.json().errors;
    expect(fault.pointer).toBe(pointer);
    expect(fault.message).toContain(words);
    expect(await read()).toEqual(before);
  },
);

test("what the environment sets is fixed, and the refusal says where to change it", async () => {
  const reply = await change({ staffAs: "Support" });
  expect(reply.statusCode).toBe(409);
  expect(reply.json()).toMatchObject({ code: "setting_fixed", setting: "staffAs", source: "environment" });
  expect(reply.json().detail).toContain("DAYBOOK_STAFF_AS");
});

test("two factors can be required only by somebody who has them", async () => {
  const reply = await change({ requireTwoFactors: true });
  expect(reply.json()).toMatchObject({ code: "conflict" });
  await server.deps.ownerDb.query("update staff set totp_enabled_at = now() where id = $1", [dana.member.id]);
  expect((await change({ requireTwoFactors: true })).statusCode).toBe(200);
  expect((await change({ requireTwoFactors: false })).statusCode).toBe(200);
});

test("further redacted fields hold for the next event, in their workspace alone, besides the installation's", async () => {
  await change({ redactFields: ["loyaltyNumber"] });
  const other = await addWorkspace(server.deps, "other");
  const details = { loyaltyNumber: "L-77", customerLoyaltyNumber: "L-78", installationSecret: "x", plan: "pro" };
  const stored = async (workspaceId: number) => {
    await server.deps.record.write(workspaceId, [{ action: "user.updated", details }]);
    const { rows } = await server.deps.db.query<{ details: string }>(
      "select details from event where workspace_id = $1 and action = 'user.updated' order by seq desc limit 1",
      [workspaceId],
    );
    return JSON.parse(rows[0]?.details ?? "{}");
  };
  const gone = "[redacted]";
  expect(await stored(server.workspaceId)).toEqual({
    loyaltyNumber: gone,
    customerLoyaltyNumber: gone,
    installationSecret: gone,
    plan: "pro",
  });
  expect(await stored(other)).toEqual({ ...details, installationSecret: gone });
});

test("another server follows within seconds", async () => {
  const { config, db } = server.deps;
  const elsewhere = await SettingsBook.open({ db, config, checkEveryMs: 50 });
  const redaction = new RedactionBook(config, elsewhere);
  await change({ redactFields: ["petName"] });
  await vi.waitFor(() => expect(redaction.of(server.workspaceId).name("petName").verdict).toBeDefined(), 5_000);
  await elsewhere.close();
});

test("the origin test tells how this very request came, to those who may read settings", async () => {
  const address = await server.app.listen({ port: 0, host: "127.0.0.1" });
  const headers = { ...dana.headers, "x-forwarded-for": "198.51.100.7" };
  const reply = await fetch(`${address}/api/v1/settings/origin-test`, { headers });
  expect(await reply.json()).toMatchObject({
    clientIp: "198.51.100.7",
    sentence: "This request came from 198.51.100.7 through 127.0.0.1.",
    headers: { "x-forwarded-for": "198.51.100.7" },
    trustedProxies: ["loopback"],
  });
});

test("support neither reads nor changes settings, and knows the brand; a key cannot read the brand", async () => {
  const sam = await signedInClient(server, { role: "support" });
  expect((await sam.request("GET", "/settings")).statusCode).toBe(403);
  expect((await sam.request("PATCH", "/settings", { brandName: "x" })).statusCode).toBe(403);
  expect((await sam.request("GET", "/settings/origin-test")).statusCode).toBe(403);
  expect((await sam.request("GET", "/branding")).statusCode).toBe(200);
  const { headers } = await apiKey(server.deps, { scopes: ["events:write"] });
  expect((await server.app.inject({ url: "/api/v1/settings", headers })).statusCode).toBe(403);
  expect((await server.app.inject({ url: "/api/v1/branding", headers })).statusCode).toBe(403);
});

test("what was set survives a new start", async () => {
  await change({ brandName: "Acme Hosting" });
  const book = await SettingsBook.open({ db: server.deps.db, config: server.deps.config });
  const app = await buildApp({ ...server.deps, settings: book });
  const reply = await app.inject({ url: "/api/v1/branding", headers: dana.headers });
  expect(reply.json().name).toBe("Acme Hosting");
  await app.close();
  await book.close();
});
