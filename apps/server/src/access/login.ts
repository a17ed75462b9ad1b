import { AppError, type SignedIn, type signInSchema } from "@daybook/contract";
import type { z } from "zod";
import { type AccessDeps, homeWorkspace, type LoginFailure, loginEvent, type RequestOrigin } from "./access-events.ts";
import {
  accountKey,
  accountRule,
  addressKey,
  addressRule,
  admit,
  forget,
  giveBack,
  type Ticket,
} from "./login-throttle.ts";
import { passwordFits } from "./password.ts";
import { type SecondFactorName, takeSecondFactor } from "./second-factor.ts";
import { csrfTokenOf, secretHash } from "./secret.ts";
import { longestLimits } from "./session.ts";
import { createSession, isKnownAddress } from "./session-store.ts";
import { findStaffByEmail, membershipsOf, type StaffRow, toStaff, toWorkspaceAccess } from "./staff-store.ts";

export type Credentials = z.infer<typeof signInSchema>;

/** A session that was just opened. `token` goes into the cookie and nowhere else. */
export interface OpenedSession {
  token: string;
  /** How long it lives at most. */
  lifeMs: number;
  reply: SignedIn;
}

/** Signs somebody in.
 *  1. Take a ticket of the account and of the address: an attempt counts as failed until it has worked.
 *  2. Check the password; for an unknown account a hash that nobody has, so that the time tells nothing.
 *  3. Check the second factor when there is one. A right password without a code gives the tickets back, no more: else it could
 *     be used to start the counting of wrong codes anew.
 *  4. Open a session under a fresh token, end the one that the browser had, and forget the account's failures.
 *  Every outcome is an event, stored before the reply. Throws `invalid_credentials`, `code_required`, `too_many_requests`. */
export async function signIn(
  deps: AccessDeps,
  credentials: Credentials,
  origin: RequestOrigin,
  formerToken?: string,
): Promise<OpenedSession> {
  const staff = await findStaffByEmail(deps.db, credentials.email);
  const refuse = (failure: LoginFailure) => recordLogin(deps, { staff, typed: credentials.email, failure, origin });
  const tickets = await takeTickets(deps, credentials.email, staff, origin.ip);
  if ("blockedUntil" in tickets) {
    await refuse("throttled");
    throw throttled(tickets.blockedUntil, deps.clock());
  }
  const { failure, factor } = await check(deps, staff, credentials).catch(async (error) => {
    await giveTicketsBack(deps, tickets);
    throw error;
  });
  if (failure === "two_factor_required") await giveTicketsBack(deps, tickets);
  if (failure !== undefined || staff === undefined) {
    await refuse(failure ?? "unknown_user");
    throw failure === "two_factor_required"
      ? new AppError("code_required", "Send the six digits of your authenticator app as `code` too.")
      : new AppError("invalid_credentials", "The e-mail address, the password or the code is wrong.");
  }
  const opened = await openSession(deps, staff, origin, { formerToken, factor });
  await forget(deps.db, tickets.account.key);
  if (tickets.address) await giveBack(deps.db, tickets.address);
  return opened;
}

/** Opens a session for somebody who has proved who they are, records the sign-in and gives what the browser needs. */
export async function openSession(
  deps: AccessDeps,
  staff: StaffRow,
  origin: RequestOrigin,
  { formerToken, factor }: { formerToken?: string | undefined; factor?: SecondFactorName | undefined } = {},
): Promise<OpenedSession> {
  const now = deps.clock();
  const memberships = await membershipsOf(deps.db, staff.id);
  const owner = { staffId: staff.id, ip: origin.ip, userAgent: origin.userAgent };
  const limits = longestLimits(
    deps.settings,
    memberships.map((membership) => membership.workspaceId),
  );
  const session = await createSession(deps.db, owner, limits, now);
  if (formerToken !== undefined)
    await deps.db.query("update session set revoked_at = $2 where token_hash = $1 and revoked_at is null", [
      secretHash(formerToken),
      new Date(now),
    ]);
  await recordLogin(deps, { staff, typed: staff.email, sessionId: session.id, origin, factor });
  return {
    token: session.token,
    lifeMs: limits.absoluteMs,
    reply: {
      staff: toStaff(staff),
      csrfToken: csrfTokenOf(session.token),
      workspaces: memberships.map(toWorkspaceAccess),
    },
  };
}

/** The error for somebody who must wait. */
export function throttled(blockedUntil: Date, now: number): AppError {
  const seconds = Math.max(1, Math.ceil((blockedUntil.getTime() - now) / 1000));
  return new AppError("too_many_requests", `Too many failed attempts. Try again in ${seconds} s.`, {
    retryAfterSeconds: seconds,
  });
}

/** What is wrong with the credentials, else with which second factor they came. */
async function check(
  deps: AccessDeps,
  staff: StaffRow | undefined,
  credentials: Credentials,
): Promise<{ failure?: LoginFailure; factor?: SecondFactorName }> {
  const fits = await passwordFits(staff?.passwordHash ?? null, credentials.password);
  if (!staff) return { failure: "unknown_user" };
  if (!fits) return { failure: "invalid_password" };
  if (staff.disabledAt !== null) return { failure: "account_disabled" };
  if (staff.totpEnabledAt === null) return {};
  if (!credentials.code) return { failure: "two_factor_required" };
  const factor = await takeSecondFactor(deps, staff, credentials.code, deps.clock());
  return factor === undefined ? { failure: "invalid_code" } : { factor };
}

interface Tickets {
  account: Ticket;
  /** None when the connection has no address (a Unix socket). */
  address: Ticket | undefined;
}

async function takeTickets(
  deps: AccessDeps,
  email: string,
  staff: StaffRow | undefined,
  ip: string,
): Promise<Tickets | { blockedUntil: Date }> {
  const now = deps.clock();
  const known = await isKnownAddress(deps.db, staff?.id, ip, now);
  const address = ip === "" ? undefined : await admit(deps.db, addressKey(ip), addressRule, now);
  if (address && "blockedUntil" in address) return address;
  const account = await admit(deps.db, accountKey(email, known ? ip : undefined), accountRule, now);
  if ("blockedUntil" in account) {
    if (address) await giveBack(deps.db, address.ticket);
    return account;
  }
  return { account: account.ticket, address: address?.ticket };
}

async function giveTicketsBack(deps: AccessDeps, tickets: Tickets): Promise<void> {
  await giveBack(deps.db, tickets.account);
  if (tickets.address) await giveBack(deps.db, tickets.address);
}

/** Into the log of the person's first workspace; of nobody's, into the first of all. */
async function recordLogin(deps: AccessDeps, attempt: Parameters<typeof loginEvent>[0]): Promise<void> {
  const login = loginEvent(attempt);
  const { actor, origin } = login;
  const used = { action: "auth.recovery_code.used", actor, origin };
  const events = attempt.factor === "recovery_code" ? [login, used] : [login];
  await deps.record.write(await homeWorkspace(deps, attempt.staff?.id), events);
}
