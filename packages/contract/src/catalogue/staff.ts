import type { ActionFamily } from "./family.ts";

/** The people who run the platform, and what they may do. */
export const staff: ActionFamily[] = [
  {
    category: "staff",
    title: "Staff",
    noun: "a member of staff",
    kind: "administrative",
    actions: {
      invited: ["invited {target} to the staff", "medium"],
      created: ["created the staff account {target}", "high"],
      updated: ["changed the staff account {target}", "low"],
      deleted: ["deleted the staff account {target}", "high"],
      enabled: ["enabled the staff account {target}", "high"],
      disabled: ["disabled the staff account {target}", "high"],
      "role.changed": [
        "changed the role of {target}[ from {changes.role.old}][ to {changes.role.new|details.role}]",
        "high",
      ],
      "access.reviewed": ["reviewed the access of {target}", "info"],
      "note.created": ["left a note for {target}", "info"],
    },
  },
  {
    category: "role",
    title: "Roles",
    noun: "a role",
    kind: "administrative",
    actions: {
      created: ["created the role {target}", "medium"],
      updated: ["changed the role {target}", "high"],
      deleted: ["deleted the role {target}", "high"],
      assigned: ["gave the role {target} to [{targets.1|details.user|details.email}|someone]", "high"],
      removed: ["took the role {target} from [{targets.1|details.user|details.email}|someone]", "medium"],
      "permission.granted": ["granted [{details.permission}|a permission] to {target}", "high"],
      "permission.revoked": ["revoked [{details.permission}|a permission] from {target}", "medium"],
    },
  },
  {
    category: "group",
    title: "Groups",
    noun: "a group",
    kind: "administrative",
    actions: {
      created: ["created the group {target}", "low"],
      updated: ["changed the group {target}", "low"],
      deleted: ["deleted the group {target}", "medium"],
      "member.added": ["added [{targets.1|details.member|details.user}|a member] to the group {target}", "medium"],
      "member.removed": [
        "removed [{targets.1|details.member|details.user}|a member] from the group {target}",
        "medium",
      ],
    },
  },
];
