import type { MailClass } from "@daybook/contract";
import { expect, test } from "vitest";
import { classify, type Step } from "./classify.ts";
import { queueIdOf, readReply } from "./smtp-reply.ts";

/** At which step, what was said (as the servers named say it), what it means, and what becomes of the mail. */
const said: [
  server: string,
  step: Step,
  said: string,
  class_: MailClass,
  then: "again" | "failed" | "bounced" | "elsewhere",
][] = [
  [
    "Postfix",
    "recipient",
    "550 5.1.1 <dana@acme.example>: Recipient address rejected: User unknown in virtual mailbox table",
    "recipient_refused",
    "bounced",
  ],
  [
    "Postfix",
    "recipient",
    "550 5.1.2 <dana@nowhere.example>: Recipient address rejected: Domain not found",
    "recipient_refused",
    "bounced",
  ],
  [
    "Postfix",
    "recipient",
    "450 4.2.0 <dana@acme.example>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/acme.example.html",
    "greylisted",
    "again",
  ],
  ["Postfix", "recipient", "554 5.7.1 <dana@acme.example>: Relay access denied", "login_refused", "elsewhere"],
  [
    "Postfix",
    "recipient",
    "450 4.1.1 <dana@acme.example>: Recipient address rejected: unverified address: connect to mx refused",
    "refused_for_now",
    "again",
  ],
  [
    "Postfix",
    "recipient",
    "550 5.1.8 <panel@nowhere.example>: Sender address rejected: Domain not found",
    "sender_refused",
    "failed",
  ],
  [
    "Postfix",
    "sender",
    "553 5.7.1 <panel@acme.example>: Sender address rejected: not owned by user dana",
    "sender_refused",
    "failed",
  ],
  ["Postfix", "sender", "450 4.7.1 Error: too much mail from 192.0.2.1", "rate_limited", "again"],
  [
    "Postfix",
    "connect",
    "421 4.7.0 mx.acme.example Error: too many connections from 192.0.2.1",
    "rate_limited",
    "elsewhere",
  ],
  [
    "Postfix",
    "recipient",
    "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
    "spam_refused",
    "failed",
  ],
  [
    "Postfix",
    "recipient",
    "450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.1]",
    "spam_refused",
    "again",
  ],
  ["Postfix", "sender", "452 4.3.1 Insufficient system storage", "refused_for_now", "again"],
  ["Postfix", "message", "552 5.3.4 Message size exceeds fixed limit", "too_large", "failed"],
  ["Postfix", "message", "451 4.3.0 Error: queue file write error", "refused_for_now", "again"],
  ["Postfix", "login", "535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6", "login_refused", "elsewhere"],
  [
    "Postfix",
    "login",
    "454 4.7.0 Temporary authentication failure: Connection lost to authentication server",
    "login_refused",
    "elsewhere",
  ],
  ["Postfix", "data", "554 5.5.1 Error: no valid recipients", "refused", "failed"],
  ["Exim", "recipient", "550 Unrouteable address", "recipient_refused", "bounced"],
  ["Exim", "recipient", "550 No Such User Here", "recipient_refused", "bounced"],
  ["Exim", "recipient", "550 Administrative prohibition", "recipient_refused", "failed"],
  ["Exim", "recipient", "550 relay not permitted", "login_refused", "elsewhere"],
  ["Exim", "recipient", "451 Temporary local problem - please try later", "refused_for_now", "again"],
  ["Exim", "sender", "550 Sender verify failed", "sender_refused", "failed"],
  ["Exim", "message", "550 This message was classified as SPAM and may not be delivered", "spam_refused", "failed"],
  ["Exim", "recipient", "451 Greylisting in action, please come back later", "greylisted", "again"],
  ["Sendmail", "recipient", "550 5.1.1 <dana@acme.example>... User unknown", "recipient_refused", "bounced"],
  [
    "qmail",
    "recipient",
    "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
    "login_refused",
    "elsewhere",
  ],
  [
    "a cPanel host",
    "message",
    "550 Domain acme.example has exceeded the max emails per hour (101/100 (101%)) allowed. Message discarded.",
    "rate_limited",
    "failed",
  ],
  ["an unknown one", "message", "550 No", "refused", "failed"],
  ["an unknown one", "message", "450 Later", "refused_for_now", "again"],
];

test.each(said)("%s at %s: %s", (_, step, line, class_, then) => {
  const reply = readReply(line);
  const verdict = classify({ step, reply, message: line });
  const became = verdict.bounced ? "bounced" : verdict.elsewhere ? "elsewhere" : verdict.final ? "failed" : "again";
  expect([verdict.class, became]).toEqual([class_, then]);
});

test.each([
  ["dns", "ENOTFOUND", "dns", true],
  ["dns", "EAI_AGAIN", "dns", true],
  ["connect", "ECONNREFUSED", "connect", true],
  ["connect", "EHOSTUNREACH", "connect", true],
  ["connect", "ETIMEDOUT", "timeout", true],
  ["tls", "DEPTH_ZERO_SELF_SIGNED_CERT", "tls", true],
  ["tls", "CERT_HAS_EXPIRED", "tls", true],
  ["tls", "ERR_TLS_CERT_ALTNAME_INVALID", "tls", true],
  ["tls", "ERR_SSL_WRONG_VERSION_NUMBER", "tls", true],
  ["greeting", "ETIMEDOUT", "timeout", true],
  ["greeting", "ECONNRESET", "cut", true],
  ["recipient", "ETIMEDOUT", "timeout", false],
  ["message", "ECONNRESET", "cut", false],
  ["message", "EPIPE", "cut", false],
] as const)("without an answer, %s with %s is %s", (step, errno, class_, elsewhere) => {
  expect(classify({ step, errno, message: errno })).toEqual({ class: class_, elsewhere, final: false, bounced: false });
});

test("what is too large for the server, and an address that no server can be told, are not tried again", () => {
  expect(classify({ step: "sender", errno: "ETOOLARGE", message: "" })).toMatchObject({
    class: "too_large",
    final: true,
  });
  expect(classify({ step: "recipient", errno: "EADDRESS", message: "" })).toMatchObject({
    final: true,
    bounced: false,
  });
});

test("a reply of several lines is one text, with the enhanced code once", () => {
  expect(readReply("550-5.1.1 No such user\r\n550 5.1.1 here")).toEqual({ code: 550, text: "5.1.1 No such user here" });
  expect(readReply("hello")).toBeUndefined();
});

test.each([
  ["2.0.0 Ok: queued as 4b2Zbc0x1Yz", "4b2Zbc0x1Yz"],
  ["OK id=1rXYzA-0003kL-2b", "1rXYzA-0003kL-2b"],
  ["2.0.0 41QB2xkd012345 Message accepted for delivery", "41QB2xkd012345"],
  ["2.0.0 OK 1700000000 x1-gsmtp", undefined],
])("the server's own id is read from %s", (text, id) => expect(queueIdOf(text)).toBe(id));
