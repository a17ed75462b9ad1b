import { expect, test } from "vitest";
import { catalogue } from "./catalogue.ts";
import { customerView } from "./customer.ts";

const viewOf = (action: string): string => {
  const definition = catalogue().get(action);
  if (definition === undefined) throw new Error(`the catalogue has no ${action}`);
  return customerView(definition);
};

test.each([
  ["server.power.restart", "in_scope"],
  ["server.files.deleted", "in_scope"],
  ["server.backup.completed", "in_scope"],
  ["server.settings.updated", "in_scope"],
  ["server.suspended", "in_scope"],
  ["task.completed", "in_scope"],
  ["mail.delivered", "in_scope"],
  ["payment.completed", "in_scope"],
  ["invoice.sent", "in_scope"],
  ["auth.login", "by_self"],
  ["auth.password.changed", "about_self"],
])("a customer sees %s: %s", (action, view) => {
  expect(viewOf(action)).toBe(view);
});

test.each([
  "server.evacuated",
  "server.notes.updated",
  "payment.flagged",
  "payment.gateway.updated",
  "ticket.note.created",
  "user.note.created",
  "staff.role.changed",
  "auth.impersonation.started",
  "log.searched",
  "settings.updated",
  "node.created",
])("no customer sees %s", (action) => {
  expect(viewOf(action)).toBe("hidden");
});

test("no administrative action is shown unless it is marked", () => {
  const shown = [...catalogue().values()].filter(
    (definition) => definition.kind === "administrative" && customerView(definition) !== "hidden",
  );
  expect(shown.length).toBeGreaterThan(10);
  expect(shown.every(({ action }) => /^(server|user|balance|payment|order|invoice|task|project)\./.test(action))).toBe(
    true,
  );
});
