import {
  type MailClass,
  type MailDelivery,
  type MailMessage,
  type MailPriority,
  type MailStatus,
  mailClassTexts,
  mailDeliveries,
  mailPriorities,
  mailStatuses,
} from "@daybook/contract";

/** A row of `mail_message`, as pg gives it. */
export interface MailRow {
  workspace_id: number;
  id: string;
  status: number;
  delivery: number;
  priority: number;
  template: string | null;
  template_version: number | null;
  locale: string | null;
  subject: string;
  from_address: string;
  from_name: string | null;
  to_address: string;
  to_key: string;
  to_domain: string;
  to_name: string | null;
  user_id: string | null;
  user_name: string | null;
  project: string | null;
  targets: MailMessage["targets"];
  message_id: string | null;
  provider: string | null;
  provider_id: string | null;
  queue_id: string | null;
  queued_at: Date;
  send_at: Date | null;
  sent_at: Date | null;
  settled_at: Date | null;
  next_try_at: Date | null;
  attempts: number;
  class: MailClass | null;
  answer: string | null;
  transport: string | null;
  maybe_sent: boolean;
  happenings: number;
  task_id: string | null;
  resend_of: string | null;
  size_bytes: number | null;
}

/** Everything that a list shows. */
export const mailColumns = `workspace_id, id, status, delivery, priority, template, template_version, locale, subject, from_address, from_name,
  to_address, to_key, to_domain, to_name, user_id, user_name, project, targets, message_id, provider, provider_id, queue_id, queued_at,
  send_at, sent_at, settled_at, next_try_at, attempts, class, answer, transport, maybe_sent, happenings, task_id, resend_of, size_bytes`;

export const mailStatusOf = (row: Pick<MailRow, "status">): MailStatus => mailStatuses[row.status] ?? "queued";
export const mailStatusNumber = (status: MailStatus): number => mailStatuses.indexOf(status);
export const mailDeliveryNumber = (delivery: MailDelivery): number => mailDeliveries.indexOf(delivery);
export const mailPriorityNumber = (priority: MailPriority): number => mailPriorities.indexOf(priority);

/** An address as it is looked for: in lower case. */
export const addressKey = (address: string): string => address.trim().toLowerCase();
export const domainOf = (address: string): string => addressKey(address).slice(address.trim().lastIndexOf("@") + 1);

const text = (time: Date): string => time.toISOString();

/** A message as the API shows it. */
export function toMail(row: MailRow): MailMessage {
  return {
    id: row.id,
    status: mailStatusOf(row),
    delivery: mailDeliveries[row.delivery] ?? "daybook",
    priority: mailPriorities[row.priority] ?? "normal",
    subject: row.subject,
    from: { address: row.from_address, ...(row.from_name === null ? {} : { name: row.from_name }) },
    to: { address: row.to_address, ...(row.to_name === null ? {} : { name: row.to_name }) },
    targets: row.targets,
    queuedAt: text(row.queued_at),
    attempts: row.attempts,
    ...given({
      template: row.template,
      templateVersion: row.template_version,
      locale: row.locale,
      project: row.project,
      messageId: row.message_id,
      class: row.class,
      answer: row.answer,
      transport: row.transport,
      provider: row.provider,
      queueId: row.queue_id,
      taskId: row.task_id,
      resendOf: row.resend_of,
      sizeBytes: row.size_bytes,
      sendAt: row.send_at && text(row.send_at),
      sentAt: row.sent_at && text(row.sent_at),
      settledAt: row.settled_at && text(row.settled_at),
      nextTryAt: row.next_try_at && text(row.next_try_at),
    }),
    ...(row.class === null ? {} : { reason: mailClassTexts[row.class] }),
    ...(row.user_id === null
      ? {}
      : { user: { id: row.user_id, ...(row.user_name === null ? {} : { name: row.user_name }) } }),
    ...(row.maybe_sent ? { maybeSent: true as const } : {}),
  };
}

/** The members that are not null. */
function given<T extends Record<string, unknown>>(members: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}
