import { type MailMessage, mailClassTexts, type Suppression, type SuppressionReason } from "@daybook/contract";

/** Why an address is on the suppression list, as the end of a sentence. */
const reasonTexts: Record<SuppressionReason, string> = {
  hard_bounce: "a mail to it came back for good",
  complaint: "its owner reported a mail as spam",
  unsubscribed: "its owner unsubscribed",
  manual: "somebody put it there by hand",
};

/** What is known of an address when the question is asked. */
export interface AddressFacts {
  address: string;
  /** The newest mail to it. */
  last: MailMessage | undefined;
  suppression: Suppression | undefined;
  nowMs: number;
}

/** One sentence, or two where the address is blocked: why the last mail to an address came through or did not. */
export function answerOf({ address, last, suppression, nowMs }: AddressFacts): string {
  const blocked = suppression === undefined ? "" : blockedText(suppression);
  if (last === undefined) return `No mail to ${address} is on record.${blocked}`;
  const mail = `The last mail, “${last.subject}” of ${timeOf(last.queuedAt)},`;
  if (last.status === "suppressed" && suppression === undefined)
    return `${mail} was not sent because the address was on the suppression list; it is not any more, so it can be sent again.`;
  return `${mail} ${fateOf(last, nowMs)}.${blocked}`;
}

function blockedText({ reason, at }: Suppression): string {
  return ` Nothing is sent to this address: it is on the suppression list since ${timeOf(at)} because ${reasonTexts[reason]}.`;
}

/** What became of a mail, as the end of a sentence. */
function fateOf(mail: MailMessage, nowMs: number): string {
  switch (mail.status) {
    case "queued":
      return waitingText(mail, nowMs);
    case "sent":
      return `${takenText(mail)}${saidBy(mail)}${mail.maybeSent ? "; it may have arrived twice" : ""}, and nobody has told since whether it reached the mailbox: it may lie among the spam`;
    case "delivered":
      return `was delivered${when(mail.settledAt)}${mail.provider === undefined ? "" : `, says ${mail.provider}`}${saidBy(mail)}`;
    case "complained":
      return `arrived, and the recipient reported it as spam${when(mail.settledAt)}`;
    case "suppressed":
      return "was not sent because the address is on the suppression list";
    case "bounced":
      return `came back${when(mail.settledAt)}${because(mail)}`;
    case "failed":
      return mail.class === "cancelled"
        ? `was cancelled before it was sent${when(mail.settledAt)}`
        : `could not be delivered${when(mail.settledAt)}${because(mail)}${mail.maybeSent ? "; it may have arrived all the same: an attempt broke off before the answer" : ""}`;
  }
}

function waitingText(mail: MailMessage, nowMs: number): string {
  if (mail.attempts > 0 && mail.class !== undefined) {
    const next = mail.nextTryAt === undefined ? "" : `; it is tried again at ${timeOf(mail.nextTryAt)}`;
    return `has not come through yet after ${mail.attempts} ${mail.attempts === 1 ? "attempt" : "attempts"}${because(mail)}${next}`;
  }
  if (mail.sendAt !== undefined && Date.parse(mail.sendAt) > nowMs) return `is not due before ${timeOf(mail.sendAt)}`;
  return "waits to be sent";
}

function takenText({ delivery, sentAt, transport }: MailMessage): string {
  const by = transport === undefined ? "" : ` through ${transport}`;
  if (delivery === "external") return `was sent by the panel${when(sentAt)}${by}`;
  return `was taken by the mail server${when(sentAt)}${by}`;
}

/** The class in words, then the server's own. */
function because(mail: MailMessage): string {
  const why = mail.class === undefined ? "" : `: ${lowerFirst(mailClassTexts[mail.class])}`;
  return `${why}${saidBy(mail)}`;
}

const saidBy = ({ answer }: MailMessage): string =>
  answer === undefined || answer.trim() === "" ? "" : ` (the answer was “${answer.trim()}”)`;
const when = (time: string | undefined): string => (time === undefined ? "" : ` at ${timeOf(time)}`);
const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** 2026-11-21 17:59 UTC. */
const timeOf = (time: string): string => `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`;
