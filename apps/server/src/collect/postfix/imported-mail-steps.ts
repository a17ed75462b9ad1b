import { type MailClass, type MailHappening, mailAttemptSchema, mailHappenings } from "@daybook/contract";
import { mailStatusNumber } from "../../mail/mail-row.ts";
import type { ImportedDelivery } from "./imported-mail.ts";

const [SENT, REFUSED_FOR_NOW, REFUSED] = (["sent", "refused_for_now", "refused"] as const).map((name) =>
  mailAttemptSchema.shape.outcome.options.indexOf(name),
);
const attemptOutcomes = { sent: SENT, deferred: REFUSED_FOR_NOW, bounced: REFUSED, failed: REFUSED } as const;
const happenings: Readonly<Record<ImportedDelivery["status"], MailHappening>> = {
  sent: "sent",
  deferred: "deferred",
  bounced: "bounced",
  failed: "failed",
};

/** A message of the mail log while deliveries are added to it. */
export interface KeptMail {
  id: string;
  was: number;
  status: number;
  queuedAt: string;
  template: string;
  domain: string;
  attempts: number;
  happenings: number;
  class?: MailClass | null;
  answer?: string;
  relay?: string;
  sentAt?: string;
  settledAt?: string;
  steps: object[];
}

export function keptMail(row: {
  id: string;
  status: number;
  queued_at: Date;
  template: string | null;
  to_domain: string;
  attempts: number;
  happenings: number;
}): KeptMail {
  return {
    ...{
      id: row.id,
      was: row.status,
      status: row.status,
      attempts: row.attempts,
      happenings: row.happenings,
      steps: [],
    },
    ...{ queuedAt: row.queued_at.toISOString(), template: row.template ?? "", domain: row.to_domain },
  };
}

/** Adds one delivery. What a later report said of a message (delivered, complained) stays, and so does an end that is none of this log's. */
export function takeDelivery(kept: KeptMail, mail: ImportedDelivery): void {
  const at = new Date(mail.atMs).toISOString();
  kept.happenings += 1;
  if (!mail.isEnd) kept.attempts += 1;
  kept.steps.push({
    ...{ mailId: kept.id, n: kept.happenings, at, eventId: mail.eventId, answer: mail.answer },
    ...{ class: mail.class, code: mail.code, dsn: mail.dsn, relay: mail.relay },
    happening: mailHappenings.indexOf(happenings[mail.status]),
    outcome: attemptOutcomes[mail.status],
    ...(mail.isEnd ? {} : { attempt: kept.attempts, startedAt: new Date(mail.attemptedMs).toISOString() }),
  });
  if (mail.relay !== undefined) kept.relay = mail.relay;
  kept.answer = mail.answer;
  kept.class = mail.class ?? null;
  const open = kept.status === mailStatusNumber("queued") || kept.status === mailStatusNumber("sent");
  if (!open || mail.status === "deferred") return;
  kept.status = mailStatusNumber(mail.status);
  kept.settledAt = at;
  if (mail.status === "sent") kept.sentAt = at;
}
