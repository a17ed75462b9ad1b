import { AppError, type Role, roleScopes, roles, type Scope, scopes } from "@daybook/contract";

/** The scopes of a role, as a set made once. */
export function scopesOf(role: Role): ReadonlySet<Scope> {
  return sets.get(role) ?? new Set();
}

/** Reads `events:write,events:read`. Throws `invalid_request` naming the unknown ones and every known one. */
export function parseScopes(text: string): Scope[] {
  const names = text
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
  const unknown = names.filter((name) => !isScope(name));
  if (names.length === 0 || unknown.length > 0) {
    const fault = names.length === 0 ? "No scope is given." : `There is no scope ${unknown.join(", ")}.`;
    throw new AppError("invalid_request", `${fault} Scopes are ${scopes.join(", ")}.`);
  }
  return [...new Set(names.filter(isScope))];
}

/** Reads the name of a role. Throws `invalid_request` with every known one. */
export function parseRole(text: string): Role {
  const role = roles.find((known) => known === text);
  if (!role) throw new AppError("invalid_request", `There is no role ${text}. Roles are ${roles.join(", ")}.`);
  return role;
}

function isScope(name: string): name is Scope {
  return (scopes as readonly string[]).includes(name);
}

const sets = new Map(roles.map((role) => [role, new Set(roleScopes[role])]));
