import type { WorkspaceSettings } from "@daybook/contract";
import type { Config } from "../config.ts";
import type { SettingsBook } from "../workspace/settings-book.ts";
import type { SessionLimits } from "./session-store.ts";

const name = "daybook_session";
const MINUTE_MS = 60_000;

/** A token as newSecret makes it; anything else under our name is not ours. */
const cookie = new RegExp(`(?:^|;)\\s*${name}=([\\w-]{43})\\s*(?:;|$)`);

/** How long sessions live, from the settings of a workspace or of the installation. */
export function sessionLimits(settings: Pick<WorkspaceSettings, "sessionIdleMinutes" | "sessionHours">): SessionLimits {
  return { idleMs: settings.sessionIdleMinutes * MINUTE_MS, absoluteMs: settings.sessionHours * 60 * MINUTE_MS };
}

/** The limits in a workspace; those of the installation for a person who has a place in none. */
export function limitsIn(settings: Pick<SettingsBook, "of" | "base">, workspaceId: number | null): SessionLimits {
  return sessionLimits(workspaceId === null ? settings.base : settings.of(workspaceId));
}

/** The longest limits of some workspaces: a session is one for all that its person belongs to, and each workspace holds it to its own. */
export function longestLimits(
  settings: Pick<SettingsBook, "of" | "base">,
  workspaceIds: readonly number[],
): SessionLimits {
  const each = workspaceIds.length === 0 ? [settings.base] : workspaceIds.map((id) => settings.of(id));
  const limits = each.map(sessionLimits);
  return {
    idleMs: Math.max(...limits.map(({ idleMs }) => idleMs)),
    absoluteMs: Math.max(...limits.map(({ absoluteMs }) => absoluteMs)),
  };
}

/** The session token in a Cookie header. */
export function readSessionCookie(header: string | undefined): string | undefined {
  return header === undefined ? undefined : cookie.exec(header)?.[1];
}

/** The Set-Cookie header of a new session. Not readable by scripts, not sent by other sites' forms, over TLS alone when the public
 *  address is https. */
export function sessionCookie(token: string, config: Config, lifeMs: number): string {
  return cookieLine(token, Math.floor(lifeMs / 1000), config);
}

/** The Set-Cookie header that takes the session's cookie away. */
export function noSessionCookie(config: Config): string {
  return cookieLine("", 0, config);
}

function cookieLine(value: string, seconds: number, config: Config): string {
  const secure = config.publicUrl?.startsWith("https:") ? "; Secure" : "";
  return `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`;
}
