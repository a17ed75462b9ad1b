import type { Config } from "../config.ts";
import type { SessionLimits } from "./session-store.ts";

const name = "daybook_session";
const MINUTE_MS = 60_000;

/** A token as newSecret makes it; anything else under our name is not ours. */
const cookie = new RegExp(`(?:^|;)\\s*${name}=([\\w-]{43})\\s*(?:;|$)`);

/** How long sessions live, from the settings. */
export function sessionLimits(config: Config): SessionLimits {
  return { idleMs: config.sessionIdleMinutes * MINUTE_MS, absoluteMs: config.sessionHours * 60 * MINUTE_MS };
}

/** The session token in a Cookie header. */
export function readSessionCookie(header: string | undefined): string | undefined {
  return header === undefined ? undefined : cookie.exec(header)?.[1];
}

/** The Set-Cookie header of a new session. Not readable by scripts, not sent by other sites' forms, over TLS alone when the public
 *  address is https. */
export function sessionCookie(token: string, config: Config): string {
  return cookieLine(token, sessionLimits(config).absoluteMs / 1000, config);
}

/** The Set-Cookie header that takes the session's cookie away. */
export function noSessionCookie(config: Config): string {
  return cookieLine("", 0, config);
}

function cookieLine(value: string, seconds: number, config: Config): string {
  const secure = config.publicUrl?.startsWith("https:") ? "; Secure" : "";
  return `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`;
}
