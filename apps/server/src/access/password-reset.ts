import { mailIsSetUp } from "../mail/notices/mail-ready.ts";
import { mailPasswordReset } from "../mail/notices/staff-links.ts";
import { newId } from "../record/event-id.ts";
import { type AccessDeps, eventOrigin, homeWorkspace, type RequestOrigin, staffTarget } from "./access-events.ts";
import { throttled } from "./login.ts";
import { accountKey, addressKey, admit, type ThrottleRule } from "./login-throttle.ts";
import { addPasswordToken, passwordLink } from "./password-link.ts";
import { findStaffByEmail, membershipsOf, type StaffRow } from "./staff-store.ts";

const MINUTE = 60_000;
/** Long enough to read one's mail; anybody may ask for it, so no longer. */
const VALID_MS = 60 * MINUTE;

/** Mails that one person gets because somebody asks: two at once, then one in a quarter of an hour and ever fewer. */
const accountRule: ThrottleRule = {
  free: 2,
  firstBlockMs: 15 * MINUTE,
  longestBlockMs: 4 * 60 * MINUTE,
  forgiveMs: 60 * MINUTE,
};
/** Questions from one network address, which may be an office. */
const addressRule: ThrottleRule = {
  free: 10,
  firstBlockMs: MINUTE,
  longestBlockMs: 15 * MINUTE,
  forgiveMs: 5 * MINUTE,
};

/** Whether a question led to a mail; the reason of its event if it did not. */
type Outcome = { staff: StaffRow; workspaceId: number } | { reason: string; staff?: StaffRow };

/** "Forgot your password?": what is answered tells nothing about the address that was asked for, and neither does the time it takes. */
export class PasswordResets {
  readonly #deps: AccessDeps;
  readonly #open = new Set<Promise<void>>();

  constructor(deps: AccessDeps) {
    this.#deps = deps;
  }

  /** Takes a question; all that depends on the address happens afterwards. Throws `too_many_requests` by where it came from. */
  async ask(email: string, origin: RequestOrigin): Promise<void> {
    const now = this.#deps.clock();
    if (origin.ip !== "") {
      const admission = await admit(this.#deps.db, `reset-${addressKey(origin.ip)}`, addressRule, now);
      if ("blockedUntil" in admission) throw throttled(admission.blockedUntil, now);
    }
    const work = answer(this.#deps, email, origin)
      .catch((error: unknown) => this.#deps.log.error({ err: error }, "a link for a new password could not be sent"))
      .finally(() => this.#open.delete(work));
    this.#open.add(work);
  }

  /** Resolves when what was asked is done. */
  async close(): Promise<void> {
    await Promise.all(this.#open);
  }
}

/** Sends the link if there is somebody to send it to, and records the question either way. */
async function answer(deps: AccessDeps, email: string, origin: RequestOrigin): Promise<void> {
  const now = deps.clock();
  const outcome = await check(deps, email, now);
  const { staff } = outcome;
  if (!("reason" in outcome)) {
    const token = await addPasswordToken(deps.db, outcome.staff.id, now, VALID_MS);
    const link = {
      to: outcome.staff,
      link: passwordLink(deps.config, token),
      validMs: VALID_MS,
      key: newId(now),
      ip: origin.ip,
    };
    await mailPasswordReset(deps, outcome.workspaceId, link);
  }
  await deps.record.write(await homeWorkspace(deps, staff?.id), [
    {
      action: "auth.password.reset.requested",
      // Whoever asks is not signed in: it may be anybody.
      actor: { type: "anonymous" },
      ...(staff === undefined ? {} : { targets: [staffTarget(staff)] }),
      ...("reason" in outcome ? { outcome: "failure" as const, reason: outcome.reason } : {}),
      details: { by: "mail" },
      origin: eventOrigin(origin),
    },
  ]);
}

async function check(deps: AccessDeps, email: string, now: number): Promise<Outcome> {
  const staff = await findStaffByEmail(deps.db, email.trim());
  if (staff === undefined) return { reason: "unknown_user" };
  if (staff.disabledAt !== null) return { reason: "account_disabled", staff };
  const admission = await admit(deps.db, `reset-${accountKey(email)}`, accountRule, now);
  if ("blockedUntil" in admission) return { reason: "throttled", staff };
  const [home, ...others] = await membershipsOf(deps.db, staff.id);
  // The link opens the whole account: what one workspace sets up to send its mails must not open another one.
  if (others.length > 0) return { reason: "several_workspaces", staff };
  if (home === undefined || !(await mailIsSetUp(deps, home.workspaceId))) return { reason: "no_transport", staff };
  return { staff, workspaceId: home.workspaceId };
}
