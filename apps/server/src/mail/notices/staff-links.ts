import { type NoticeDeps, sendNotice } from "./notice.ts";

/** A link that opens an account; it stands in the mail alone, and masked in what is kept of it. */
export interface StaffLink {
  to: { email: string; name: string };
  link: string;
  /** How long it works. Milliseconds. */
  validMs: number;
  /** What tells one link from another and is no secret. */
  key: string;
}

/** Sends an invitation with its link to somebody who is to choose their first password. False: it did not go out, so the link has to be
 *  handed on. */
export function mailInvitation(
  deps: NoticeDeps,
  workspaceId: number,
  { to, link, validMs, key, by, role }: StaffLink & { by: string; role: string },
): Promise<boolean> {
  return sendNotice(deps, workspaceId, {
    template: "team-invitation",
    to: { address: to.email, name: to.name },
    key: `notice/invitation/${key}`,
    asShipped: true,
    data: { user: { name: to.name }, inviteUrl: link, validHours: hoursOf(validMs), inviter: { name: by }, role },
  });
}

/** Sends the link with which somebody who forgot their password chooses another one. */
export function mailPasswordReset(
  deps: NoticeDeps,
  workspaceId: number,
  { to, link, validMs, key, ip }: StaffLink & { ip: string },
): Promise<boolean> {
  return sendNotice(deps, workspaceId, {
    template: "password-reset",
    to: { address: to.email, name: to.name },
    key: `notice/password-reset/${key}`,
    asShipped: true,
    data: { user: { name: to.name }, resetUrl: link, validHours: hoursOf(validMs), ip },
  });
}

const hoursOf = (ms: number): number => Math.round(ms / 3_600_000);
