import type { ActionFamily } from "./family.ts";

/** Alerts, incidents, reviews and where the record is sent to. */
export const watch: ActionFamily[] = [
  {
    category: "alert",
    title: "Alerts",
    noun: "an alert",
    kind: "system",
    actions: {
      fired: ["the alert {target} fired", "medium"],
      resolved: ["the alert {target} ended", "info"],
      acknowledged: ["acknowledged the alert {target}", "info", "administrative"],
      muted: ["muted the alert {target}[ until {details.until}]", "medium", "administrative"],
      unmuted: ["unmuted the alert {target}", "low", "administrative"],
      "rule.created": ["created the alert rule {target}", "low", "administrative"],
      "rule.updated": ["changed the alert rule {target}", "medium", "administrative"],
      "rule.enabled": ["turned on the alert rule {target}", "low", "administrative"],
      "rule.disabled": ["turned off the alert rule {target}", "high", "administrative"],
      "rule.deleted": ["deleted the alert rule {target}", "high", "administrative"],
    },
  },
  {
    category: "incident",
    title: "Incidents",
    noun: "an incident",
    kind: "administrative",
    actions: {
      opened: ["opened the incident {target}", "medium"],
      acknowledged: ["acknowledged the incident {target}", "info"],
      assigned: ["assigned the incident {target}[ to {targets.1|details.assignee}]", "info"],
      commented: ["commented on the incident {target}", "info"],
      resolved: ["resolved the incident {target}", "low"],
      reopened: ["reopened the incident {target}", "low"],
    },
  },
  {
    category: "review",
    title: "Reviews",
    noun: "a review",
    kind: "administrative",
    actions: {
      started: ["started the review {target}", "info"],
      completed: ["completed the review {target}", "low"],
      "item.approved": ["approved [{details.item}|an entry] in the review {target}", "low"],
      "item.rejected": ["rejected [{details.item}|an entry] in the review {target}", "medium"],
    },
  },
  {
    category: "destination",
    title: "Destinations",
    noun: "a destination",
    kind: "administrative",
    actions: {
      created: ["created the destination {target}", "medium"],
      updated: ["changed the destination {target}", "medium"],
      deleted: ["deleted the destination {target}", "high"],
      enabled: ["turned on the destination {target}", "low"],
      disabled: ["turned off the destination {target}", "high"],
      tested: ["tested the destination {target}", "info"],
      failed: ["the destination {target} failed", "medium", "system"],
      recovered: ["the destination {target} recovered", "info", "system"],
    },
  },
];
