import type { ActionDefinition } from "./catalogue.ts";

/**
 * Which customers an action is shown to: nobody, everybody whose scope the event is in, those whom it is about (they did it
 * or it was done to their account), or only whoever did it.
 */
export const customerViews = ["hidden", "in_scope", "about_self", "by_self"] as const;
export type CustomerView = (typeof customerViews)[number];

/** Categories whose actions by users and by the system customers see. */
const shownCategories: ReadonlySet<string> = new Set(
  `server backup snapshot database volume storage website domain dns certificate mailbox deployment project task mail
   order invoice payment balance subscription ticket user api_key ssh_key`.split(/\s+/),
);

/** Administrative actions that the customer must hear of all the same. */
const shownAnyway: ReadonlySet<string> = new Set(
  `server.suspended server.unsuspended server.expiry.changed server.resources.updated server.migrated
   user.created user.updated user.suspended user.unsuspended user.deleted user.limits.updated
   balance.credited balance.debited balance.adjusted balance.refunded payment.refunded payment.approved payment.recorded
   order.accepted order.rejected invoice.updated invoice.cancelled invoice.voided invoice.refunded invoice.credited
   task.retried task.cancelled project.quota.changed`.split(/\s+/),
);

/** Actions of these categories that are none of the customer's business: how the company judges and looks after them. */
const hidden: ReadonlySet<string> = new Set(
  `server.viewed server.notes.updated server.metadata.updated server.tags.updated server.metrics.viewed
   payment.flagged order.flagged mail.opened mail.viewed
   mail.deferred mail.reported mail.complained mail.suppressed mail.suppression.added ticket.priority.changed api_key.leaked
   auth.ip.blocked auth.access.checked auth.command.elevated auth.elevation.granted auth.role.assumed`.split(/\s+/),
);

/** What customers see of an action of the catalogue, unless the operator says otherwise (`customer` of an override). */
export function customerView({ action, category, kind, customer }: ActionDefinition): CustomerView {
  if (customer !== undefined) return customer;
  if (action === "auth.login") return "by_self";
  if (hidden.has(action)) return "hidden";
  if (shownAnyway.has(action)) return "in_scope";
  if (kind === "administrative") return "hidden";
  if (category === "auth") return "about_self";
  return shownCategories.has(category) ? "in_scope" : "hidden";
}
