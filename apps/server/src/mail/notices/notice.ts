import { AppError, type Json } from "@daybook/contract";
import type { Deps } from "../../deps.ts";
import { mailIsSetUp } from "./mail-ready.ts";

export type NoticeDeps = Pick<Deps, "config" | "db" | "log" | "clock" | "settings" | "mail">;

/** A mail that Daybook sends of its own accord. */
export interface Notice {
  template: NoticeTemplate;
  to: { address: string; name: string };
  data: Record<string, Json>;
  /** Makes it one mail, however often it is asked for: from the event or the link that it is about. */
  key: string;
  /** The customer whom it is about. Mails to staff have none, so that no customer sees them. */
  user?: { id: string; name?: string };
  /** It holds a link that opens an account: whoever may change templates could have it sent elsewhere. */
  asShipped?: true;
}

/** The shipped templates of notices. */
export type NoticeTemplate =
  | "new-login-location"
  | "session-expired"
  | "team-invitation"
  | "password-reset"
  | "password-changed";

/** In the log it is Daybook that sends, from nowhere. */
const doer = { actor: { type: "system", name: "Daybook" }, origin: { ip: null } };

/**
 * Sends a notice, in English as long as nothing is known of its reader. False where it does not go out: no mail server is set up, the
 * address gets no mail, or the template cannot be rendered; the log of the server says which. Throws what is no answer of ours, e.g.
 * when the database is away.
 */
export async function sendNotice(deps: NoticeDeps, workspaceId: number, notice: Notice): Promise<boolean> {
  if (!(await mailIsSetUp(deps, workspaceId))) return false;
  const { template, to, data, key, user, asShipped } = notice;
  try {
    const party = to.name === "" ? { address: to.address } : to;
    const { message } = await deps.mail.send(
      workspaceId,
      { template, to: party, data, key, locale: "en", priority: "high", ...(user === undefined ? {} : { user }) },
      doer,
      { asShipped },
    );
    if (message.status !== "suppressed") return true;
    deps.log.warn({ template, key }, "a notice was not sent: its address is on the suppression list");
  } catch (error) {
    if (!(error instanceof AppError) || error.code === "internal") throw error;
    // The key is that of another mail about the same: it has gone out.
    if (error.code === "conflict") return true;
    deps.log.error({ err: error, template, key }, "a notice could not be sent");
  }
  return false;
}
