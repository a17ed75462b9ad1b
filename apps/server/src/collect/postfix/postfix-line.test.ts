import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { deliveryClass } from "./delivery-class.ts";
import { type PostfixDelivery, readPostfixLine } from "./postfix-line.ts";
import { type PostfixReject, rejectReason } from "./postfix-reject.ts";

const delivery = (message: string) => readPostfixLine("smtp", message) as PostfixDelivery;
const reject = (message: string) => readPostfixLine("smtpd", message) as PostfixReject;

describe("a line about a message in the queue", () => {
  it("says to whom it went, over which server, how long it took and what was answered", () => {
    const line =
      "4PbC4x469Jz3tBr: to=<dana@acme.example>, orig_to=<sales@acme.example>, relay=mx.acme.example[192.0.2.1]:25, conn_use=2, delay=2.4, " +
      "delays=0.29/0.02/0.01/2.1, tls=may, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4PbC4z6W5Qz3tG3)";
    expect(delivery(line)).toEqual({
      ...{ kind: "delivery", queueId: "4PbC4x469Jz3tBr", to: "dana@acme.example", origTo: "sales@acme.example" },
      ...{ relay: "mx.acme.example[192.0.2.1]:25", delaySeconds: 2.4, attemptSeconds: 2.11, dsn: "2.0.0" },
      ...{ status: "sent", response: "250 2.0.0 Ok: queued as 4PbC4z6W5Qz3tG3" },
    });
  });

  it("may be of a version that writes no brackets, no delays and no enhanced code", () => {
    const line = "0F5383D: to=root@localhost, relay=none, delay=3, status=deferred (connect to mx: Connection refused)";
    const read = { to: "root@localhost", delaySeconds: 3, attemptSeconds: 0, status: "deferred" };
    expect(delivery(line)).toMatchObject(read);
    expect(delivery(line)).not.toHaveProperty("relay");
  });

  it("is not fooled by an address that imitates the rest of the line", () => {
    const line =
      '0F5383D: to=<"x>, relay=none, delay=0, dsn=2.0.0, status=sent (ok)"@acme.example>, relay=none, delay=1, delays=1/0/0/0, dsn=5.1.1, status=bounced (no)';
    expect(delivery(line)).toMatchObject({ status: "bounced", dsn: "5.1.1", response: "no" });
  });

  it.each([
    ["smtpd", "0F5383D: client=mx[192.0.2.1]", { kind: "began", client: "mx[192.0.2.1]", ip: "192.0.2.1" }],
    [
      "smtpd",
      "0F5383D: client=mx[2001:db8::1], sasl_method=PLAIN, sasl_username=dana",
      { ip: "2001:db8::1", sasl: "dana" },
    ],
    ["smtpd", "0F5383D: client=unknown[unknown]", { kind: "began", client: "unknown[unknown]" }],
    ["pickup", "0F5383D: uid=0 from=<root>", { kind: "began" }],
    ["cleanup", "0F5383D: message-id=<a@b>", { kind: "messageId", messageId: "a@b" }],
    [
      "cleanup",
      "0F5383D: info: header Subject: Hi from there from mx[192.0.2.1]; from=<a@b> to=<c@d> proto=ESMTP",
      { subject: "Hi from there" },
    ],
    ["qmgr", "0F5383D: from=<>, size=5, nrcpt=1 (queue active)", { kind: "sender", from: "", size: 5 }],
    [
      "qmgr",
      "0F5383D: from=<a@b>, status=expired, returned to sender",
      { kind: "gaveUp", from: "a@b", why: "expired" },
    ],
    ["qmgr", "0F5383D: from=<a@b>, status=force-expired, returned to sender", { kind: "gaveUp", why: "expired" }],
    ["qmgr", "0F5383D: removed", { kind: "removed" }],
    ["postsuper", "0F5383D: removed", { kind: "gaveUp", why: "deleted" }],
    ["bounce", "0F5383D: sender non-delivery notification: 1F5383D", { kind: "notified", noticeId: "1F5383D" }],
  ])("of %s: %s", (program, message, expected) => {
    expect(readPostfixLine(program, message)).toMatchObject({ queueId: "0F5383D", ...expected });
  });

  it.each([
    "warning: 9BECF3F19D: sender_canonical_maps map lookup problem",
    "statistics: max cache size 1 at Oct 26 18:13:50",
    "connect from mx[192.0.2.1]",
    "0F5383D: host mx[192.0.2.1] said: 450 4.7.1 try again (in reply to RCPT TO command)",
    "reload -- version 3.7, configuration /etc/postfix",
  ])("is none of: %s", (message) => expect(readPostfixLine("smtpd", message)).toBeUndefined());
});

describe("a mail that is not let in", () => {
  it("is told with who knocked and what was said", () => {
    const said =
      "NOQUEUE: reject: RCPT from mx[192.0.2.1]: 550 5.1.1 <x@y.example>: Recipient address rejected: User unknown;";
    expect(reject(`${said} from=<a@b.example> to=<x@y.example> proto=ESMTP helo=<mx>`)).toEqual({
      ...{ kind: "reject", stage: "RCPT", client: "mx[192.0.2.1]", ip: "192.0.2.1", code: 550, dsn: "5.1.1" },
      text: "<x@y.example>: Recipient address rejected: User unknown",
      ...{ from: "a@b.example", to: "x@y.example", protocol: "ESMTP", helo: "mx" },
    });
  });

  it("by postscreen too, with commas and a port", () => {
    const said =
      "NOQUEUE: reject: RCPT from [2001:db8::9]:4711: 550 5.7.1 Service unavailable; client [2001:db8::9] blocked using bl.example;";
    const read = reject(`${said} from=<>, to=<x@y.example>, proto=ESMTP, helo=<h>`);
    expect(read).toMatchObject({ ip: "2001:db8::9", code: 550, dsn: "5.7.1", to: "x@y.example", helo: "h" });
    expect(read.text).toBe("Service unavailable; client [2001:db8::9] blocked using bl.example");
    expect(rejectReason(read.text)).toBe("blocked");
  });

  it("cannot put words into the log by its sender's address", () => {
    const forged = '"; from=<boss@acme.example> to=<all@acme.example> proto=ESMTP helo=<x>"@evil.example';
    const line = `NOQUEUE: reject: RCPT from mx[192.0.2.1]: 550 5.7.1 <${forged}>: Sender address rejected; from=<${forged}> to=<x@y.example> proto=ESMTP helo=<mx>`;
    expect(reject(line)).toMatchObject({ from: forged, to: "x@y.example", helo: "mx" });
  });

  it("is no warning, and nothing that only goes another way", () => {
    for (const word of ["reject_warning", "filter", "redirect", "hold"])
      expect(
        readPostfixLine("smtpd", `NOQUEUE: ${word}: RCPT from mx[192.0.2.1]: 550 5.7.1 no; from=<a@b>`),
      ).toBeUndefined();
  });
});

it.each([
  ["5.4.4", "Host or domain name not found. Name service error for name=acme.example type=AAAA: Host not found", "dns"],
  ["4.4.1", "connect to mx.acme.example[192.0.2.1]:25: Connection timed out", "timeout"],
  ["4.4.1", "connect to mx.acme.example[192.0.2.1]:25: Connection refused", "connect"],
  ["4.4.2", "lost connection with mx.acme.example[192.0.2.1] while sending RCPT TO", "cut"],
  ["5.1.1", 'unknown user: "dana"', "recipient_refused"],
  [
    "5.1.1",
    "host mx[192.0.2.1] said: 550 5.1.1 <d@acme.example>: no such user here (in reply to RCPT TO command)",
    "recipient_refused",
  ],
  [
    "4.2.0",
    "host mx[192.0.2.1] said: 450 4.2.0 <d@acme.example>: Recipient address rejected: Greylisted (in reply to RCPT TO command)",
    "greylisted",
  ],
  [
    "4.2.2",
    "host mx[192.0.2.1] said: 452 4.2.2 The email account is over quota (in reply to RCPT TO command)",
    "mailbox_full",
  ],
  [
    "5.7.1",
    "host mx[192.0.2.1] said: 550-5.7.1 this message is likely unsolicited mail (in reply to end of DATA command)",
    "spam_refused",
  ],
  ["4.3.0", "temporary failure", "refused_for_now"],
  ["5.4.6", "mail forwarding loop for dana@acme.example", "refused"],
])("%s with “%s” is of the class %s", (dsn, response, expected) => expect(deliveryClass(dsn, response)).toBe(expected));

const vectors = resolve(import.meta.dirname, "../../../../../../shared/data/mail-postfix-vectors/vectors.jsonl");
const absent = existsSync(vectors) ? "" : ` (skipped: ${vectors} is not there)`;

interface Vector {
  file: string;
  line: string;
  expect: Record<string, string | number>;
}

describe.skipIf(absent)(`lines of Postfix with what is in them${absent}`, () => {
  const all: Vector[] = absent
    ? []
    : readFileSync(vectors, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
  const programOf = ({ file }: Vector) => /([a-z_]+)_\d+\.yaml$/.exec(file)?.[1] ?? "";

  it("are 191", () => expect(all).toHaveLength(191));

  it("give each delivery its queue id, status and answer", () => {
    const withStatus = all.filter(({ expect }) => expect.postfix_status !== undefined);
    const answers = ["smtp", "local", "pipe", "error"].map((name) => `postfix_${name}_response`);
    for (const vector of withStatus) {
      const { expect: wanted } = vector;
      const read = readPostfixLine(programOf(vector), vector.line);
      if (wanted.postfix_status === "expired") {
        expect(read, vector.line).toMatchObject({ kind: "gaveUp", queueId: wanted.postfix_queueid, why: "expired" });
        continue;
      }
      expect(read, vector.line).toMatchObject({
        kind: "delivery",
        queueId: wanted.postfix_queueid,
        status: wanted.postfix_status,
      });
      const answer = answers.map((name) => wanted[name]).find((text) => text !== undefined);
      if (answer !== undefined) expect((read as PostfixDelivery).response).toBe(answer);
      const pairs = String(wanted.postfix_keyvalue_data).replaceAll(/[<>]/g, "");
      expect(pairs).toContain(`to=${(read as PostfixDelivery).to},`);
    }
    expect(withStatus).toHaveLength(18);
  });

  it("give each refusal its code, stage, client and text", () => {
    const refusals = all.filter(({ expect }) => ["reject", "milter-reject"].includes(String(expect.postfix_action)));
    for (const { line, expect: wanted } of refusals) {
      const read = reject(line);
      expect(read, line).toMatchObject({ kind: "reject", stage: wanted.postfix_smtp_stage });
      expect([read.ip, read.code, read.dsn], line).toEqual([
        wanted.postfix_client_ip,
        wanted.postfix_status_code,
        wanted.postfix_status_code_enhanced,
      ]);
      if (wanted.postfix_status_message !== undefined) expect(line).toContain(read.text);
    }
    expect(refusals.length).toBeGreaterThanOrEqual(9);
  });

  it("give message ids, and no more deliveries than there are", () => {
    for (const { line, expect: wanted } of all)
      if (wanted["postfix_message-id"] !== undefined)
        expect(readPostfixLine("cleanup", line)).toMatchObject({
          kind: "messageId",
          messageId: wanted["postfix_message-id"],
        });
    const deliveries = all.filter((vector) => readPostfixLine(programOf(vector), vector.line)?.kind === "delivery");
    for (const { line } of deliveries) expect(line).toMatch(/to=.* status=/);
  });
});
