/** Everybody who may come to a route, for the test of who passes (route-permissions.test.ts). */
export const callers = [
  ...["owner", "administrator", "auditor", "support", "billing", "nothing"],
  ...["key without scopes", "key with every scope", "viewer token", "signed out"],
] as const;
export type Caller = (typeof callers)[number];

/** Who passes each rule: written out here, so that a slip in the table of roles or scopes fails a route. */
const reading: Caller[] = ["owner", "administrator", "auditor", "key with every scope"];
const managing: Caller[] = ["owner", "administrator", "key with every scope"];
export const rules = {
  anybody: [...callers],
  "signed in": ["owner", "administrator", "auditor", "support", "billing", "nothing"],
  customer: ["viewer token"],
  "logs.read": [...reading, "support", "billing"],
  "logs.read, signed in": ["owner", "administrator", "auditor", "support", "billing"],
  "logs.read, every event": [...reading, "support"],
  "logs.personal": [...reading, "billing"],
  "tasks.read": [...reading, "support"],
  "tasks.write": managing,
  "tasks.retry": managing,
  "tasks.cancel": managing,
  "schedules.write": managing,
  "logs.export": reading,
  "proofs.read": reading,
  "settings.read": reading,
  "mail.write": ["owner", "administrator"],
  "mail.send": managing,
  "mail.read": [...reading, "support"],
  "mail.read, personal": reading,
  "mail.body": ["owner", "administrator", "auditor", "key with every scope"],
  "keys.read": reading,
  "staff.read": reading,
  "events.write": managing,
  "actions.write": managing,
  "keys.manage": managing,
  "staff.manage": managing,
  "roles.manage": managing,
  "settings.write": managing,
  "viewer_tokens.create": managing,
  "workspaces.manage": ["owner"],
} satisfies Record<string, readonly Caller[]>;

/** A route with who may call it, and a request that gets as far as its permission. */
export interface RouteRow {
  rule: keyof typeof rules;
  /** What comes after the route's path, or instead of it when it begins with a slash. */
  path?: string;
  body?: object;
  /** Whether it is asked for again who it is. */
  stepUp?: true;
}
