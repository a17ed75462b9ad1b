import type { Event } from "@daybook/contract";
import { importedEvents, importItems } from "@daybook/testkit";
import { describe, expect, it } from "vitest";
import { jsonl } from "./jsonl.ts";

const exported: Event = {
  seq: 7,
  id: "0198f0c2-0000-7000-8000-000000000001",
  occurredAt: "2026-11-20T10:11:12.345Z",
  recordedAt: "2026-11-20T10:11:13.000Z",
  action: "server.suspended",
  category: "server",
  kind: "administrative",
  severity: "medium",
  summary: "Dana suspended mc-01",
  actor: { type: "user", id: "42", name: "Dana", email: "dana@acme.example" },
  onBehalfOf: { type: "user", id: "77", name: "Lee" },
  targets: [{ type: "server", id: "srv-1", name: "mc-01", ownerId: "77" }],
  project: "p-9",
  origin: {
    ip: "203.0.113.9",
    userAgent: "curl/8",
    sessionId: "s",
    requestId: "r",
    auth: "session",
    country: "DE",
    asn: 1,
    network: "N",
    browser: "curl 8",
    os: "Linux",
  },
  outcome: "failure",
  reason: "chargeback",
  changes: [{ field: "memoryMb", old: 1024, new: 2048 }],
  details: { note: "x" },
  leafHash: "00",
};

const events = async (text: string) => importedEvents(await importItems(jsonl, [text]));

describe("our own events", () => {
  it("come back as they were sent: what the server adds is left out, the id stays", async () => {
    const { seq, recordedAt, category, kind, severity, summary, leafHash, origin, ...sent } = exported;
    const { country, asn, network, browser, os, ...sentOrigin } = origin;
    expect(await events(JSON.stringify(exported))).toEqual([{ ...sent, origin: sentOrigin }]);
  });

  it("without an address keep none, rather than the importer's", async () => {
    expect((await events('{"action":"a.b","origin":{"auth":"cli"}}'))[0]?.origin).toEqual({ ip: null, auth: "cli" });
    expect((await events('{"action":"a.b"}'))[0]?.origin).toEqual({ ip: null });
  });

  it("may be lines, an array, or a page of the API", async () => {
    for (const text of [
      `${JSON.stringify(exported)}\n`,
      JSON.stringify([exported]),
      JSON.stringify({ items: [exported], nextCursor: null }),
    ])
      expect((await events(text)).map((event) => event.id)).toEqual([exported.id]);
  });

  it("without an id get one of their content, also when two are alike", async () => {
    const line = '{"action":"a.b","occurredAt":"2026-11-20T10:11:12Z"}';
    const ids = (await events(`${line}\n${line}\n`)).map((event) => event.id);
    expect(new Set(ids).size).toBe(2);
    expect((await events(`${line}\n\n${line}`)).map((event) => event.id)).toEqual(ids);
  });

  it("under another panel's name become ours, and keep the name", async () => {
    expect((await events('{"action":"auth:fail","details":{"a":1}}'))[0]).toMatchObject({
      action: "auth.login",
      outcome: "failure",
      details: { sourceAction: "auth:fail", a: 1 },
    });
    expect((await events('{"action":"Widget Painted"}'))[0]?.action).toBe("Widget Painted");
  });

  it("are told from lines that are none", async () => {
    const items = await importItems(jsonl, ['{"action":"a.b"}\nnot json\n[1]\n"text"\n{"action":"c.d"}']);
    expect(items.map((item) => ("fault" in item ? [item.fault.line, item.fault.code] : "event"))).toEqual([
      "event",
      [2, "invalid_json"],
      [3, "not_an_event"],
      [4, "not_an_event"],
      "event",
    ]);
  });
});
