import type { ActionFamily } from "./family.ts";

/** Tickets, announcements, the knowledge base. */
export const support: ActionFamily[] = [
  {
    category: "ticket",
    title: "Tickets",
    noun: "a ticket",
    kind: "user",
    actions: {
      created: "opened the ticket {target}",
      replied: "replied to the ticket {target}",
      updated: "changed the ticket {target}",
      assigned: [
        "assigned the ticket {target}[ to {targets.1|details.assignee|changes.assignee.new}]",
        "info",
        "administrative",
      ],
      "priority.changed": ["changed the priority of {target}[ to {changes.priority.new}]", "info"],
      "department.changed": ["moved the ticket {target}[ to {changes.department.new}]", "info", "administrative"],
      "note.created": ["added a note to the ticket {target}", "info", "administrative"],
      merged: ["merged the ticket {target}[ into {targets.1|details.into}]", "info", "administrative"],
      escalated: ["escalated the ticket {target}", "low", "administrative"],
      closed: "closed the ticket {target}",
      reopened: "reopened the ticket {target}",
      rated: "rated the ticket {target}[ with {details.rating}]",
      deleted: ["deleted the ticket {target}", "medium", "administrative"],
      "attachment.added": "attached [{details.file|details.name}|a file] to the ticket {target}",
      "attachment.downloaded": ["downloaded [{details.file|details.name}|a file] of the ticket {target}", "low"],
    },
  },
  {
    category: "announcement",
    title: "Announcements",
    noun: "an announcement",
    kind: "administrative",
    actions: {
      created: ["wrote the announcement {target}", "info"],
      published: ["published the announcement {target}", "low"],
      updated: ["changed the announcement {target}", "info"],
      deleted: ["deleted the announcement {target}", "low"],
    },
  },
  {
    category: "article",
    title: "Knowledge base",
    noun: "an article",
    kind: "administrative",
    actions: {
      created: "wrote the article {target}",
      updated: "changed the article {target}",
      deleted: ["deleted the article {target}", "low"],
    },
  },
];
