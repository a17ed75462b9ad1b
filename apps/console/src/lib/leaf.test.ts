import type { Event } from "@daybook/contract";
import { expect, test } from "vitest";
import { canonical, leafHashOf } from "./leaf.ts";

/** An event with everything that an event can have, its salts and the leaf that the server computed for it. */
const event: Event = {
  seq: 0,
  id: "01a05e52-9ea0-7df9-8cac-2d97175fad04",
  occurredAt: "2026-09-01T18:54:28.751Z",
  recordedAt: "2026-09-01T18:54:28.791Z",
  action: "server.power.restart",
  category: "server",
  kind: "user",
  severity: "info",
  summary: "Sam O'Neil did server.power.restart on mc-124",
  actor: {
    type: "user",
    id: "224",
    name: "Sam O'Neil",
    email: "user224@acme.example",
  },
  targets: [
    {
      type: "server",
      id: "srv-124",
      name: "mc-124",
      ownerId: "4",
    },
    {
      id: "n1",
      type: "node",
    },
  ],
  origin: {
    ip: "203.0.6.224",
    userAgent:
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    sessionId: "s-df9cac2d97175fad0413",
    requestId: "r-9ff315a67838652ab12e",
    auth: "session",
    country: "DE",
    asn: 24940,
    network: "Hetzner Online GmbH",
    browser: "Chrome 141",
    os: "Windows 10",
  },
  outcome: "failure",
  onBehalfOf: {
    id: "77",
    name: "Lee",
    type: "user",
  },
  reason: "invalid_password",
  changes: [
    {
      field: "memoryMb",
      "new": 1532,
      old: 1024,
    },
  ],
  details: {
    note: 'tab\tand "quotes"',
    path: "C:\\srv\\64",
    size: 9724,
  },
};
const salts =
  "df9cac2d97175fad04139ff315a67838652ab12eaffca704c25b7eccc7035ad894169b15545b97c1a41dda049b477b2393a3ebd8b96b3e3657a395ea1fdf5687";
const leaf = "6e513ae4f90e3f274c35524c034cc38f5ef0db7bd9015b4cf8e227686ed0c3e1";

test("the leaf computed from the shown event is the one that the server hashed", async () => {
  expect(await leafHashOf(event, salts, "main")).toBe(leaf);
});

test("a change in any part of the event gives another leaf", async () => {
  const changes: Partial<Event>[] = [
    { outcome: "denied" },
    { actor: { ...event.actor, name: "Somebody else" } },
    { origin: { ...event.origin, ip: "203.0.113.9" } },
    { targets: event.targets.slice(0, 1) },
    { changes: [] },
    { details: { size: 1 } },
    { summary: `${event.summary}.` },
    { occurredAt: "2026-01-01T00:00:00.000Z" },
  ];
  for (const change of changes) expect(await leafHashOf({ ...event, ...change }, salts, "main")).not.toBe(leaf);
  expect(await leafHashOf(event, salts, "other")).not.toBe(leaf);
});

test("an erased group is stood for by its kept commitment", async () => {
  const whole = await leafHashOf({ ...event, summary: "gone" }, salts, "main");
  expect(whole).not.toBe(leaf);
  const kept = await commitmentOf(salts.slice(96, 128) + JSON.stringify(event.summary));
  const erased = `${salts.slice(0, 96)}${"0".repeat(32)}08${kept}`;
  expect(await leafHashOf({ ...event, summary: "gone" }, erased, "main")).toBe(leaf);
});

test("canonical JSON sorts members and leaves numbers as they are", () => {
  expect(canonical({ b: 1.5e30, a: ["\u20ac", null, true], "\r": { z: 1, y: 2 } })).toBe(
    '{"\\r":{"y":2,"z":1},"a":["€",null,true],"b":1.5e+30}',
  );
});

async function commitmentOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Buffer.from(digest).toString("hex");
}
