import type { MailStatus, ViewerMail, ViewerScope } from "@daybook/contract";
import { maskText } from "../../record/personal.ts";
import { targetsOf, usersOf } from "../../tasks/customer/customer-tasks.ts";
import { type MailRow, mailStatusOf } from "../mail-row.ts";

/** What a customer is told of a state. Whether the list of blocked addresses or a server refused it is the operator's business. */
const told: Record<MailStatus, ViewerMail["status"]> = {
  queued: "waiting",
  sent: "sent",
  delivered: "delivered",
  complained: "delivered",
  failed: "undelivered",
  bounced: "undelivered",
  suppressed: "undelivered",
};

/** What decides whether a customer may see a mail. */
export type SeenMail = Pick<MailRow, "user_id" | "project" | "targets"> & {
  /** The recipient is a member of staff. */
  toStaff: boolean;
};

/**
 * Whether a customer may see that there was a mail: it was for them, or it was for some customer and is about the project or the targets of
 * their scope. A mail for no customer is staff's, whatever it is about. The same as the condition in customer-mail-store.ts, for rows in
 * memory.
 */
export function isMailInSight(scope: ViewerScope, mail: SeenMail): boolean {
  if (mail.user_id === null) return false;
  if (usersOf(scope).includes(mail.user_id)) return true;
  if (mail.toStaff) return false;
  if (scope.project !== undefined && mail.project === scope.project) return true;
  const own = targetsOf(scope);
  return mail.targets.some(
    (target) =>
      own.some(({ type, id }) => type === target.type && id === target.id) ||
      (scope.ownerId !== undefined && target.ownerId === scope.ownerId),
  );
}

/** A mail in sight as the customer sees it: nothing of its body, its way, its class or what a mail server said. */
export function shownMail(scope: ViewerScope, row: MailRow, title: string | undefined): ViewerMail {
  const isOwn = row.user_id !== null && usersOf(scope).includes(row.user_id);
  return {
    id: row.id,
    at: (row.sent_at ?? row.queued_at).toISOString(),
    subject: isOwn ? row.subject : maskText(row.subject),
    status: told[mailStatusOf(row)],
    ...(title === undefined ? {} : { kind: title }),
    ...(isOwn ? { to: row.to_address } : {}),
  };
}
