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
    "Gmail",
    "recipient",
    "550-5.1.1 The email account that you tried to reach does not exist. Please try\n550-5.1.1 double-checking the recipient's email address for typos or\n550 5.1.1 unnecessary spaces. https://support.google.com/mail/?p=NoSuchUser x1 - gsmtp",
    "recipient_refused",
    "bounced",
  ],
  [
    "Gmail",
    "recipient",
    "550-5.2.1 The email account that you tried to reach is inactive. https://support.google.com/mail/?p=DisabledUser x - gsmtp",
    "recipient_refused",
    "bounced",
  ],
  [
    "Gmail",
    "recipient",
    "452-4.2.2 The recipient's inbox is out of storage space. Please direct the\n452 4.2.2 recipient to https://support.google.com/mail/?p=OverQuotaTemp x - gsmtp",
    "mailbox_full",
    "again",
  ],
  [
    "Gmail",
    "recipient",
    "450-4.2.1 The user you are trying to contact is receiving mail at a rate that\n450 4.2.1 prevents additional messages from being delivered. x - gsmtp",
    "rate_limited",
    "again",
  ],
  [
    "Gmail",
    "message",
    "421-4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your IP address. x - gsmtp",
    "rate_limited",
    "again",
  ],
  [
    "Gmail",
    "message",
    "550-5.7.1 [192.0.2.1] Our system has detected that this message is likely unsolicited mail. To reduce the amount of spam sent to Gmail, this message has been blocked. x - gsmtp",
    "spam_refused",
    "failed",
  ],
  [
    "Gmail",
    "message",
    "550-5.7.26 Your email has been blocked because the sender is unauthenticated.\n550-5.7.26 Gmail requires all senders to authenticate with either SPF or DKIM.",
    "spam_refused",
    "failed",
  ],
  [
    "Gmail",
    "message",
    "552-5.3.4 Your message exceeded Google's message size limits. x - gsmtp",
    "too_large",
    "failed",
  ],
  [
    "Gmail",
    "login",
    "535-5.7.8 Username and Password not accepted. For more information, go to\n535 5.7.8 https://support.google.com/mail/?p=BadCredentials x - gsmtp",
    "login_refused",
    "elsewhere",
  ],
  [
    "Gmail",
    "sender",
    "530-5.7.0 Authentication Required. For more information, go to https://support.google.com/mail/?p=WantAuthError",
    "login_refused",
    "elsewhere",
  ],
  ["Gmail", "sender", "530 5.7.0 Must issue a STARTTLS command first. x - gsmtp", "tls", "elsewhere"],
  [
    "Gmail",
    "message",
    "550 5.4.5 Daily user sending limit exceeded. For more information on Gmail sending limits go to https://support.google.com/a/answer/166852",
    "rate_limited",
    "failed",
  ],
  [
    "Outlook",
    "recipient",
    "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient dana@acme.example not found by SMTP address lookup",
    "recipient_refused",
    "bounced",
  ],
  [
    "Outlook",
    "recipient",
    "550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302).",
    "recipient_refused",
    "failed",
  ],
  [
    "Outlook",
    "sender",
    "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3140).",
    "spam_refused",
    "failed",
  ],
  [
    "Outlook",
    "connect",
    "421 RP-001 (SNT004-MC1F43) Unfortunately, some messages from 192.0.2.1 weren't sent. The mail server IP connecting has exceeded the rate limit allowed.",
    "rate_limited",
    "elsewhere",
  ],
  [
    "Outlook",
    "recipient",
    "451 4.7.500 Server busy. Please try again later from [192.0.2.1]. (S77719)",
    "refused_for_now",
    "again",
  ],
  [
    "Outlook",
    "message",
    "554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException",
    "mailbox_full",
    "failed",
  ],
  [
    "Outlook",
    "message",
    "554 5.2.252 SendAsDenied; panel@acme.example not allowed to send as dana@acme.example",
    "login_refused",
    "elsewhere",
  ],
  [
    "Outlook",
    "message",
    "432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending for more information.",
    "rate_limited",
    "again",
  ],
  [
    "Outlook",
    "login",
    "535 5.7.139 Authentication unsuccessful, basic authentication is disabled.",
    "login_refused",
    "elsewhere",
  ],
  [
    "Yahoo",
    "recipient",
    "554 delivery error: dd This user doesn't have a yahoo.com account (dana@yahoo.com) [0] - mta1.mail.yahoo.com",
    "recipient_refused",
    "bounced",
  ],
  [
    "Yahoo",
    "sender",
    "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes",
    "rate_limited",
    "again",
  ],
  [
    "Yahoo",
    "message",
    "554 Message not allowed - [PH01] Email not accepted for policy reasons. Please visit https://postmaster.yahooinc.com/error-codes",
    "spam_refused",
    "failed",
  ],
  [
    "Yahoo",
    "sender",
    "553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1, because the ip is in Spamhaus's list",
    "spam_refused",
    "failed",
  ],
  ["iCloud", "recipient", "550 5.1.1 <dana@icloud.com>: user does not exist", "recipient_refused", "bounced"],
  [
    "iCloud",
    "message",
    "550 5.7.0 Blocked - see https://support.proofpoint.com/dnsbl-lookup.cgi?ip=192.0.2.1",
    "spam_refused",
    "failed",
  ],
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
    "Amazon SES",
    "message",
    "554 Message rejected: Email address is not verified. The following identities failed the check in region EU-WEST-1: panel@acme.example",
    "sender_refused",
    "failed",
  ],
  ["Amazon SES", "message", "454 Throttling failure: Maximum sending rate exceeded.", "rate_limited", "again"],
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
