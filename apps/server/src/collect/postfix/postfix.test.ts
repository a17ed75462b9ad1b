import { importedEvents, importItems } from "@daybook/testkit";
import { describe, expect, it } from "vitest";
import type { ImportItem } from "../importer.ts";
import type { ImportedDelivery } from "./imported-mail.ts";
import { postfix } from "./postfix.ts";

const read = (...logs: string[]) => importItems(postfix, logs, { year: 2026 });
const mails = (items: ImportItem[]): ImportedDelivery[] =>
  items.flatMap((item) => ("event" in item && item.mail ? [item.mail] : []));

const at = (second: number, program: string, message: string) =>
  `Nov 20 10:00:${String(second).padStart(2, "0")} mx-1 postfix/${program}[77]: ${message}\n`;
const sent = (id: string, to: string, response = "250 2.0.0 Ok") =>
  `${id}: to=<${to}>, relay=mx.acme.example[192.0.2.1]:25, delay=1.2, delays=0.1/0/0.1/1, dsn=2.0.0, status=sent (${response})`;
const deferred = (id: string, to: string) =>
  `${id}: to=<${to}>, relay=none, delay=3, delays=0/0/3/0, dsn=4.4.1, status=deferred (connect to mx: Connection refused)`;

const whole = [
  at(1, "submission/smtpd", "3F0A1: client=panel[192.0.2.7], sasl_method=PLAIN, sasl_username=panel"),
  at(1, "cleanup", "3F0A1: message-id=<abc@panel.example>"),
  at(
    1,
    "cleanup",
    "3F0A1: info: header Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= from panel[192.0.2.7]; from=<p@panel.example> to=<d@acme.example> proto=ESMTP helo=<p>",
  ),
  at(2, "qmgr", "3F0A1: from=<p@panel.example>, size=1234, nrcpt=2 (queue active)"),
  at(3, "smtp", sent("3F0A1", "d@acme.example")),
  at(4, "smtp", deferred("3F0A1", "e@acme.example")),
].join("");

describe("a message in a mail log", () => {
  it("is joined by its queue id: who sent it, what it is about, and what became of it for each recipient", async () => {
    const [first, second] = mails(await read(whole));
    expect(first).toMatchObject({
      ...{
        status: "sent",
        to: "d@acme.example",
        from: "p@panel.example",
        messageId: "abc@panel.example",
        queueId: "3F0A1",
      },
      ...{ subject: "Grüße", sizeBytes: 1234, sasl: "panel", code: 250, dsn: "2.0.0" },
      queuedMs: Date.UTC(2026, 10, 20, 10, 0, 1),
      attemptedMs: Date.UTC(2026, 10, 20, 10, 0, 3) - 1_100,
    });
    expect(second).toMatchObject({ status: "deferred", to: "e@acme.example", class: "connect" });
    expect(second?.mailId).not.toBe(first?.mailId);
  });

  it("is an event a delivery, from the address that gave it", async () => {
    const [first, second] = importedEvents(await read(whole));
    expect(first).toMatchObject({
      ...{
        action: "mail.sent",
        outcome: "success",
        occurredAt: "2026-11-20T10:00:03.000Z",
        origin: { ip: "192.0.2.7" },
      },
      targets: [
        { type: "mail", name: "d@acme.example" },
        { type: "server", id: "mx-1" },
      ],
      details: { queueId: "3F0A1", from: "p@panel.example", login: "panel", delaySeconds: 1.2, dsn: "2.0.0" },
    });
    expect(second).toMatchObject({ action: "mail.deferred", outcome: "failure", reason: "connect" });
  });

  it("gets the same ids whenever it is read, by a part of the log too", async () => {
    const ids = (items: ImportItem[]) => mails(items).map(({ mailId, eventId }) => [mailId, eventId]);
    expect(ids(await read(whole))).toEqual(ids(await read(whole)));
  });

  it("ends when the queue gives it up, for those whom it has not reached", async () => {
    const end = at(30, "qmgr", "3F0A1: from=<p@panel.example>, status=expired, returned to sender");
    const told = mails(await read(whole, end));
    expect(told.slice(2)).toMatchObject([{ status: "failed", class: "expired", to: "e@acme.example", isEnd: true }]);
    expect(told[2]?.mailId).toBe(told[1]?.mailId);
  });

  it("ends when somebody deletes it", async () => {
    const told = mails(await read(whole, at(30, "postsuper", "3F0A1: removed")));
    expect(told.slice(2)).toMatchObject([{ status: "failed", class: "cancelled", to: "e@acme.example" }]);
  });

  it("that gives up without a word of its recipients is told all the same", async () => {
    const items = await read(at(1, "qmgr", "3F0A1: from=<p@panel.example>, status=expired, returned to sender"));
    expect(importedEvents(items)).toMatchObject([
      { action: "mail.failed", reason: "expired", details: { queueId: "3F0A1" } },
    ]);
    expect(mails(items)).toEqual([]);
  });

  it("is another one when the queue id is given again", async () => {
    const next = [
      at(10, "qmgr", "3F0A1: removed"),
      at(20, "smtpd", "3F0A1: client=other[192.0.2.8]"),
      at(21, "smtp", sent("3F0A1", "d@acme.example")),
    ].join("");
    const told = mails(await read(whole, next));
    expect(told[2]).toMatchObject({ from: "", subject: "" });
    expect(told[2]?.mailId).not.toBe(told[0]?.mailId);
    // And though the log does not say that the one before is gone.
    const unsaid = mails(await read(whole, next.split("\n").slice(1).join("\n")));
    expect(unsaid[2]?.mailId).toBe(told[2]?.mailId);
  });

  it("that comes back from a filter is linked with the one that went in", async () => {
    const log = [
      at(1, "smtpd", "4PbC4x469Jz3tBr: client=mx[192.0.2.7]"),
      at(2, "10025/smtpd", "4PbC4z6W5Qz3tG3: client=localhost[127.0.0.1]"),
      'Nov 20 10:00:02 mx-1 amavis[5]: (5-1) Passed CLEAN {RelayedInbound}, Queue-ID: 4PbC4x469Jz3tBr, queued_as: 4PbC4z6W5Qz3tG3, Subject: "Hello", From: x\n',
      at(
        3,
        "amavis/smtp",
        sent(
          "4PbC4x469Jz3tBr",
          "d@acme.example",
          "250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4PbC4z6W5Qz3tG3",
        ),
      ),
      at(
        4,
        "pipe",
        "4PbC4z6W5Qz3tG3: to=<d@acme.example>, relay=dovecot, delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, status=sent (delivered via dovecot service)",
      ),
    ].join("");
    const [before, after] = mails(await read(log));
    expect(after).toMatchObject({ parentId: before?.mailId, relay: "dovecot", subject: "Hello" });
  });

  it("that tells its sender of a bounce is linked with the one that bounced", async () => {
    const log = [
      at(
        1,
        "smtp",
        "3F0A1: to=<d@acme.example>, relay=none, delay=1, delays=1/0/0/0, dsn=5.4.4, status=bounced (Host or domain name not found)",
      ),
      at(1, "cleanup", "4F0A2: message-id=<x@mx>"),
      at(1, "bounce", "3F0A1: sender non-delivery notification: 4F0A2"),
      at(2, "smtp", sent("4F0A2", "p@panel.example")),
    ].join("");
    const [bounced, notice] = mails(await read(log));
    expect(bounced).toMatchObject({ status: "bounced", class: "dns" });
    expect(notice?.parentId).toBe(bounced?.mailId);
  });
});

describe("what is no delivery", () => {
  it("is a refusal with who was refused, or is passed over", async () => {
    const log = [
      at(1, "smtpd", "connect from x[192.0.2.9]"),
      at(
        2,
        "smtpd",
        "NOQUEUE: reject: RCPT from x[192.0.2.9]: 450 4.1.8 <a@b.example>: Sender address rejected: Domain not found; from=<a@b.example> to=<d@acme.example> proto=ESMTP helo=<x>",
      ),
      at(3, "smtp", "3F0A1: to=<d@acme.example>, relay=none, delay=0, dsn=5.1.1, status=undeliverable (unknown)"),
    ].join("");
    const items = await read(log);
    expect(importedEvents(items)).toMatchObject([
      {
        ...{ action: "mail.rejected", outcome: "denied", reason: "sender_refused", origin: { ip: "192.0.2.9" } },
        targets: [
          { type: "mail_address", id: "d@acme.example" },
          { type: "server", id: "mx-1" },
        ],
        details: { code: 450, dsn: "4.1.8", stage: "RCPT" },
      },
    ]);
    expect(items.flatMap((item) => ("skipped" in item ? [item.skipped] : []))).toEqual(["smtpd", "smtp"]);
  });

  it("of a system log without a time is a fault", async () => {
    expect(await read("no time here\n")).toMatchObject([{ fault: { code: "not_syslog", line: 1 } }]);
  });
});
