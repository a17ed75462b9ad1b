import type { MailClass } from "@daybook/contract";
import { expect, test } from "vitest";
import { classify, type Step } from "./classify.ts";
import { readReply } from "./smtp-reply.ts";

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
    "Amazon SES",
    "message",
    "554 Message rejected: Email address is not verified. The following identities failed the check in region EU-WEST-1: panel@acme.example",
    "sender_refused",
    "failed",
  ],
  ["Amazon SES", "message", "454 Throttling failure: Maximum sending rate exceeded.", "rate_limited", "again"],
];

test.each(said)("%s at %s: %s", (_, step, line, class_, then) => {
  const reply = readReply(line);
  const verdict = classify({ step, reply, message: line });
  const became = verdict.bounced ? "bounced" : verdict.elsewhere ? "elsewhere" : verdict.final ? "failed" : "again";
  expect([verdict.class, became]).toEqual([class_, then]);
});
