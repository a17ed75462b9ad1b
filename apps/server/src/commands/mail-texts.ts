import {
  type MailAddressPage,
  type MailDetail,
  type MailMessage,
  type MailStatus,
  mailClassTexts,
} from "@daybook/contract";
import { cell, paint, printable } from "./event-lines.ts";

const colours: Record<MailStatus, number> = {
  queued: 2,
  sent: 36,
  failed: 31,
  bounced: 31,
  delivered: 32,
  complained: 33,
  suppressed: 33,
};
const STATUS_WIDTH = 10;
const ADDRESS_WIDTH = 32;
const SUBJECT_WIDTH = 40;

/** One mail as a line: its id, when it was queued (UTC), status, recipient, subject, template, and why it did not get through. */
export function mailLine(mail: MailMessage, colour: boolean): string {
  return [
    mail.id,
    paint(2, timeOf(mail.queuedAt), colour),
    paint(colours[mail.status], mail.status.padEnd(STATUS_WIDTH), colour),
    cell(mail.to.address, ADDRESS_WIDTH),
    cell(mail.subject, SUBJECT_WIDTH),
    mail.template === undefined ? "" : paint(36, printable(mail.template), colour),
    mail.class === undefined ? "" : paint(2, mail.class, colour),
  ]
    .filter((part) => part !== "")
    .join("  ")
    .trimEnd();
}

/** A mail in full, for people; all but what it said. */
export function mailInWords(mail: MailDetail, colour: boolean): string {
  const party = ({ address, name }: MailMessage["to"]): string => (name ? `${name} <${address}>` : address);
  const facts: [string, string | undefined][] = [
    ["status", paint(colours[mail.status], mail.status, colour)],
    ["why", mail.reason],
    ["answer", mail.answer],
    ["to", party(mail.to)],
    ["from", party(mail.from)],
    ["user", mail.user && [mail.user.id, mail.user.name].filter(Boolean).join(" ")],
    ["template", mail.template],
    ["targets", mail.targets.map(({ type, id, name }) => `${type}/${id}${name ? ` ${name}` : ""}`).join(", ")],
    ["way", [mail.delivery, mail.transport, mail.provider].filter(Boolean).join(", ")],
    ["queued", timeOf(mail.queuedAt)],
    ["not before", mail.sendAt && timeOf(mail.sendAt)],
    ["sent", mail.sentAt && timeOf(mail.sentAt)],
    ["next try", mail.status === "queued" && mail.nextTryAt ? timeOf(mail.nextTryAt) : undefined],
    ["maybe sent", mail.maybeSent ? "an attempt broke off on the wire: it may have arrived twice" : undefined],
    ["message id", mail.messageId],
    ["resend of", mail.resendOf],
    ["blocked", mail.suppressed && `since ${timeOf(mail.suppressed.at)}, ${mail.suppressed.reason}`],
  ];
  const lines = facts.flatMap(([name, value]) => (value ? [`  ${name.padEnd(10)} ${value}`] : []));
  const happened = mail.timeline.map(
    ({ at, happening, by, note }) => `  ${timeOf(at)}  ${happening}${by ? `, ${by}` : ""}${note ? ` (${note})` : ""}`,
  );
  const attempts = mail.attemptList.map(
    ({ n, startedAt, outcome, transport, host, line }) =>
      `  ${timeOf(startedAt)}  attempt ${n}  ${outcome.replaceAll("_", " ")}${transport ? `, ${transport}` : ""}${host ? ` to ${host}` : ""}${line ? `: ${line}` : ""}`,
  );
  return [
    printable(mail.subject),
    ...lines.map((line) => (colour ? line : printable(line))),
    "",
    ...happened.map(printable),
    ...(attempts.length === 0 ? [] : ["", ...attempts.map(printable)]),
  ]
    .join("\n")
    .trimEnd();
}

/** Why an address did not get its mail, and the figures that go with it. */
export function addressInWords(page: MailAddressPage): string {
  const { totals, domain } = page;
  const classes = domain.classes.map(({ class: kind, count }) => `  ${count} × ${mailClassTexts[kind].toLowerCase()}`);
  return [
    printable(page.answer),
    "",
    `${page.address}: ${countsOf(totals)}`,
    `${domain.domain}, ${domain.days} days: ${countsOf(domain.totals)}`,
    ...classes,
  ].join("\n");
}

function countsOf(totals: MailAddressPage["totals"]): string {
  const { queued, ...rest } = totals;
  const told = Object.entries(rest).flatMap(([name, count]) => (count > 0 ? [`${count} ${name}`] : []));
  return `${queued} ${queued === 1 ? "mail" : "mails"}${told.length > 0 ? `, of these ${told.join(", ")}` : ""}`;
}

function timeOf(text: string): string {
  return `${text.slice(0, 10)} ${text.slice(11, 19)}`;
}
