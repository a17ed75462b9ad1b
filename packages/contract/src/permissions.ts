import { type Role, type Scope, scopes } from "./access-terms.ts";

/** What a member of staff may do in a workspace, with what it means in words. A permission is `thing.act`. */
export const permissions = {
  "logs.read": "Read and search the record",
  "logs.export": "Export what was found",
  "logs.personal": "See and search e-mail addresses, IP addresses, user agents and sessions",
  "proofs.read": "Read checkpoints and proofs",
  "events.write": "Write events",
  "actions.write": "Change what actions mean",
  "views.share": "Share saved views with the workspace",
  "keys.read": "See API keys",
  "keys.manage": "Make, rotate and revoke API keys",
  "staff.read": "See staff and roles",
  "staff.manage": "Invite, change, disable and remove staff",
  "roles.manage": "Make and change roles",
  "workspaces.manage": "Make and rename workspaces",
  "settings.read": "See the settings",
  "settings.write": "Change the settings",
  "viewer_tokens.create": "Make and revoke tokens that show customers their own events",
  "tasks.read": "See tasks and schedules",
  "tasks.write": "Report tasks, their lines and check-ins of schedules",
  "tasks.retry": "Retry tasks",
  "tasks.cancel": "Cancel tasks",
  "schedules.write": "Change, pause and run schedules",
  "mail.read": "See the mail log",
  "mail.body": "Open what a mail said",
  "mail.send": "Send and resend mail, report mail that was sent elsewhere",
  "mail.write": "Change mail templates and the suppression list",
  "rules.read": "See alert rules",
  "rules.write": "Change alert rules",
} as const;

export type Permission = keyof typeof permissions;
export const permissionNames = Object.keys(permissions) as Permission[];

/** What each scope of an API key stands for. */
export const scopePermissions: Record<Scope, readonly Permission[]> = {
  "events:write": ["events.write"],
  "events:read": ["logs.read", "logs.export", "logs.personal", "proofs.read"],
  "log:read": ["proofs.read"],
  "actions:write": ["actions.write"],
  "keys:manage": ["keys.read", "keys.manage"],
  "staff:manage": ["staff.read", "staff.manage", "roles.manage"],
  "settings:write": ["settings.read", "settings.write"],
  "viewer_tokens:create": ["viewer_tokens.create"],
  "tasks:write": ["tasks.read", "tasks.write", "tasks.retry", "tasks.cancel"],
  "tasks:read": ["tasks.read"],
  "schedules:write": ["tasks.read", "schedules.write"],
  "mail:send": ["mail.send"],
  "mail:read": ["mail.read"],
  "mail:body": ["mail.read", "mail.body"],
};

const reads: readonly Permission[] = [
  "logs.read",
  "logs.export",
  "logs.personal",
  "proofs.read",
  "keys.read",
  "staff.read",
  "settings.read",
  "tasks.read",
  "mail.read",
  "mail.body",
  "rules.read",
];

/** The one table from role to permissions; API, console and command line all read it. Billing sees events about money only. */
export const rolePermissions: Record<Role, readonly Permission[]> = {
  owner: permissionNames,
  administrator: permissionNames.filter((name) => name !== "workspaces.manage"),
  auditor: reads,
  support: ["logs.read", "tasks.read", "mail.read"],
  billing: ["logs.read", "logs.personal"],
};

/** What whoever has a permission may do as well: nobody can manage what they cannot see. */
const implied: Partial<Record<Permission, Permission>> = {
  "keys.manage": "keys.read",
  "staff.manage": "staff.read",
  "roles.manage": "staff.read",
};

/** These permissions with those that they bring along, in the order of the table; unknown names are left out. */
export function withImplied(named: readonly string[]): Permission[] {
  const brought = permissionNames.flatMap((name) => (named.includes(name) ? (implied[name] ?? []) : []));
  return permissionNames.filter((name) => named.includes(name) || brought.includes(name));
}

/** What a set of scopes allows. */
export function permissionsOfScopes(held: Iterable<Scope>): Set<Permission> {
  return new Set([...held].flatMap((scope) => scopePermissions[scope] ?? []));
}

/** The scopes that somebody with these permissions may give to a key: those of which they may do all. */
export function scopesWithin(held: ReadonlySet<string>): Scope[] {
  return scopes.filter((scope) => scopePermissions[scope].every((permission) => held.has(permission)));
}
