import { AppError, type Scope, scopes } from "@daybook/contract";

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

function isScope(name: string): name is Scope {
  return (scopes as readonly string[]).includes(name);
}
