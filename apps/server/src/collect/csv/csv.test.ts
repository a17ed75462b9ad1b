import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { EventInput } from "@daybook/contract";
import { importedEvents, importItems, textSource } from "@daybook/testkit";
import { describe, expect, it } from "vitest";
import type { ImportItem } from "../importer.ts";
import { csv } from "./csv.ts";
import { parseMapping } from "./mapping.ts";

const mapping = (changes: object = {}) =>
  parseMapping(
    {
      time: { column: "When" },
      fields: { action: "What", "actor.name": "Who" },
      ...changes,
    },
    "mapping.json",
  );

const read = (text: string | Buffer, changes: object = {}) => importItems(csv, [text], { mapping: mapping(changes) });
const first = async (text: string | Buffer, changes: object = {}): Promise<EventInput> => {
  const [event] = importedEvents(await read(text, changes));
  if (!event) throw new Error("no event");
  return event;
};

const file = "When,What,Who,Result,Address,Note\n2026-11-20T10:11:12Z,user.created,Dana,OK,203.0.113.9,hello\n";

const lineOf = (item: ImportItem) => ("fault" in item ? item.fault.line : item.line);

describe("a CSV file with a mapping", () => {
  it("becomes events", async () => {
    const fields = {
      action: "What",
      "actor.type": { value: "staff" },
      "actor.name": "Who",
      "targets.0.type": { value: "user" },
      "targets.0.id": "Note",
      "origin.ip": "Address",
      "origin.auth": { value: "session" },
      outcome: "Result",
      "details.note": "Note",
      "details.nested.note": "Note",
      "changes.0.field": { value: "note" },
      "changes.0.new": "Note",
    };
    expect(await first(file, { fields })).toEqual({
      id: expect.stringMatching(/-8[0-9a-f]{3}-/),
      occurredAt: "2026-11-20T10:11:12.000Z",
      action: "user.created",
      actor: { type: "staff", name: "Dana" },
      targets: [{ type: "user", id: "hello" }],
      origin: { ip: "203.0.113.9", auth: "session" },
      outcome: "success",
      details: { note: "hello", nested: { note: "hello" } },
      changes: [{ field: "note", new: "hello" }],
    });
  });

  it("is understood with other delimiters, quotes, line ends, encodings, and lines above the header", async () => {
    const note = { fields: { action: "What", "details.note": "Note" } };
    const quoted = 'When;What;Note\r\n2026-11-20T10:11:12Z;a.b;"one; ""two""\r\nthree"\r\n';
    expect((await first(quoted, { ...note, delimiter: ";" })).details).toEqual({ note: 'one; "two"\r\nthree' });
    const latin = Buffer.from("When,What,Note\n2026-11-20T10:11:12Z,a.b,gr\xfc\xdfe\n", "latin1");
    expect((await first(latin, { ...note, encoding: "windows-1252" })).details).toEqual({ note: "grüße" });
    const titled = `Report of November\n\nWhen,What,Note\n2026-11-20T10:11:12Z,a.b,x\n`;
    expect((await first(titled, { ...note, headerLine: 3 })).details).toEqual({ note: "x" });
    const bare = "2026-11-20T10:11:12Z,a.b,x\n";
    expect((await first(bare, { ...note, columns: ["When", "What", "Note"] })).details).toEqual({ note: "x" });
  });

  it("may say its times in many ways", async () => {
    const at = async (cell: string, time: object) =>
      (await first(`When,What\n"${cell}",a.b\n`, { time: { column: "When", ...time }, fields: { action: "What" } }))
        .occurredAt;
    expect(await at("20/11/2026 23:05", { format: "DD/MM/YYYY HH:mm", timezone: "Europe/London" })).toBe(
      "2026-11-20T23:05:00.000Z",
    );
    expect(await at("11/20/26 1:05:09 PM", { format: "MM/DD/YY h:mm:ss A", timezone: "America/New_York" })).toBe(
      "2026-11-20T18:05:09.000Z",
    );
    expect(await at("20 Nov 2026 12:00 am", { format: "D MMM YYYY hh:mm A" })).toBe("2026-11-20T00:00:00.000Z");
    expect(await at("November 3, 2026", { format: "MMMM D, YYYY" })).toBe("2026-11-03T00:00:00.000Z");
    expect(await at("20.11.2026 10:11:12.345 +0100", { format: "DD.MM.YYYY HH:mm:ss.SSS Z" })).toBe(
      "2026-11-20T09:11:12.345Z",
    );
    expect(await at("1795169472", { format: "unix" })).toBe("2026-11-20T10:11:12.000Z");
    expect(await at("1795169472345", { format: "unix-ms" })).toBe("2026-11-20T10:11:12.345Z");
    expect(await at("2026-11-20 10:11:12", { timezone: "Asia/Tokyo" })).toBe("2026-11-20T01:11:12.000Z");
    expect(await at("2026-11-20", {})).toBe("2026-11-20T00:00:00.000Z");
  });

  it("may have its date and time in two columns, in the zone of --timezone", async () => {
    const text = "Date,Time,What\n2026-07-01,12:00:00,a.b\n";
    const items = await importItems(csv, [text], {
      mapping: mapping({ time: { column: ["Date", "Time"] }, fields: { action: "What" } }),
      timezone: "Europe/Berlin",
    });
    expect(importedEvents(items)[0]?.occurredAt).toBe("2026-07-01T10:00:00.000Z");
  });

  it("turns its words into ours by a lookup, and names what is no action", async () => {
    const action = async (cell: string, rule: object = {}) =>
      (await first(`When,What\n2026-11-20,${cell}\n`, { fields: { action: { column: "What", ...rule } } })).action;
    expect(await action("Login OK", { lookup: { "login ok": "auth.login" } })).toBe("auth.login");
    expect(await action("Widget Painted!")).toBe("imported.widget_painted");
    expect(await action("Widget Painted", { prefix: "legacy" })).toBe("legacy.widget_painted");
    expect(await action("Widget Painted", { lookup: { y: "a.b" } })).toBe("imported.widget_painted");
    expect(await action("USER.Created")).toBe("user.created");
    expect(await action("x", { lookup: { y: "a.b" }, default: "other.event" })).toBe("other.event");
  });

  it("knows the names of other panels, with what they say of the outcome, and keeps them", async () => {
    expect(await first("When,What\n2026-11-20,auth:fail\n", { fields: { action: "What" } })).toMatchObject({
      action: "auth.login",
      outcome: "failure",
      reason: "invalid_credentials",
      details: { sourceAction: "auth:fail" },
    });
  });

  it.each([
    ["OK", "success"],
    ["Failed", "failure"],
    ["blocked", "denied"],
  ])("knows the usual word %s for an outcome", async (word, outcome) => {
    expect((await first(file.replace("OK", word), { fields: { action: "What", outcome: "Result" } })).outcome).toBe(
      outcome,
    );
  });

  it("keeps the columns that nothing uses in the details, when told to", async () => {
    expect((await first(file, { rest: "details" })).details).toEqual({
      Result: "OK",
      Address: "203.0.113.9",
      Note: "hello",
    });
    expect((await first(file)).details).toBeUndefined();
    const types = { "details.a": { column: "Note", as: "number" }, "details.b": { column: "Result", as: "boolean" } };
    expect(
      (await first(file.replace("hello", "12.5").replace("OK", "yes"), { fields: { action: "What", ...types } }))
        .details,
    ).toEqual({ a: 12.5, b: true });
  });

  it("leaves out people and things of whom a row names nobody", async () => {
    const fields = {
      action: "What",
      "actor.name": "Who",
      "onBehalfOf.type": { value: "user" },
      "onBehalfOf.name": "Note",
      "targets.0.type": { value: "server" },
      "targets.0.id": "Note",
      "origin.ip": "Address",
    };
    const event = await first("When,What,Who,Note,Address\n2026-11-20,a.b,,,unknown\n", { fields });
    expect(event).toMatchObject({
      actor: { type: "system" },
      targets: [],
      origin: { ip: null },
      details: { source: "unknown" },
    });
    expect(event.onBehalfOf).toBeUndefined();
  });

  it("takes the ids of a column, and otherwise makes them of the row", async () => {
    const text =
      "When,What,Who,Key\n2026-11-20,a.b,D,7\n2026-11-20,a.b,D,7\n2026-11-20,a.b,D,0198F0C2-0000-7000-8000-000000000001\n";
    const ids = async (fields: object) =>
      importedEvents(await read(text, { fields: { action: "What", ...fields } })).map((event) => event.id);
    const made = await ids({});
    expect(new Set(made).size).toBe(3);
    expect(await ids({})).toEqual(made);
    const taken = await ids({ id: "Key" });
    expect(taken[0]).toBe(taken[1]);
    expect(taken[2]).toBe("0198f0c2-0000-7000-8000-000000000001");
  });

  it("cannot reach outside an event by the name of a column or a path", async () => {
    const event = await first("When,What,__proto__\n2026-11-20,a.b,x\n", {
      rest: "details",
      fields: { action: "What" },
    });
    expect(Object.getPrototypeOf(event.details)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  it("tells of rows it does not understand, by line, and goes on", async () => {
    const text =
      'When,What,Who\n2026-11-20,a.b,D\n2026-02-30,a.b,D\n2026-11-20,a.b\n2026-11-20,,D\n2026-11-20,a"b,"D" x\n2026-11-21,a.b,D\n2026-11-21,a.b,"D\n';
    const items = (await read(text)).sort((a, b) => lineOf(a) - lineOf(b));
    expect(items.map((item) => ("fault" in item ? [item.fault.line, item.fault.code] : "event"))).toEqual([
      "event",
      [3, "invalid_time"],
      [4, "column_count"],
      [5, "no_action"],
      "event",
      "event",
      [8, "invalid_csv"],
    ]);
    const [, wrong] = items;
    expect(wrong && "fault" in wrong ? wrong.fault.text : "").toBe("2026-02-30,a.b,D");
  });
});

describe("the sample of the guide", () => {
  const sample = (name: string) =>
    readFileSync(resolve(import.meta.dirname, "../../../../../docs/guides/import", name), "utf8");

  it("gives what the guide says", async () => {
    const mapping = parseMapping(JSON.parse(sample("tickets-mapping.json")), "tickets-mapping.json");
    const items = await importItems(csv, [sample("tickets.csv")], { mapping });
    expect(
      items.map((item) =>
        "event" in item ? `${item.event.action} ${item.event.outcome}` : "fault" in item && item.fault.code,
      ),
    ).toEqual([
      "auth.login success",
      "server.suspended success",
      "auth.login failure",
      "helpdesk.coffee_break success",
      "invalid_time",
    ]);
    const [, suspended] = importedEvents(items);
    expect(suspended).toMatchObject({
      occurredAt: "2026-11-20T09:17:40.000Z",
      targets: [{ type: "server", id: "mc-01", ownerId: "77" }],
      details: { minutes: 4, Comment: "unpaid; second reminder" },
    });
  });
});

describe("a mapping", () => {
  it.each([
    [{ fields: {} }, /needs "action"/],
    [{ fields: { action: "What", "actor.age": "Who" } }, /no field of an event/],
    [{ time: { column: "When", format: "HH:mm" } }, /no time format/],
    [{ encoding: "klingon" }, /no encoding/],
    [{ colour: "red" }, /colour/],
  ])("%j is refused with the reason", (changes, reason) => {
    expect(() => mapping(changes)).toThrow(reason);
  });

  it("that names a column which the file does not have is refused", async () => {
    await expect(read("When,Was\n2026-11-20,a.b\n")).rejects.toThrow(/no column "What"; the file has When, Was/);
  });

  it("is asked for when a file is no export of ours", async () => {
    await expect(importItems(csv, [textSource("a,b\n1,2\n")])).rejects.toThrow(/--mapping/);
  });
});
