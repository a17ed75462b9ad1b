import { publicAddress } from "../../config.ts";
import type { Notice, NoticeDeps } from "./notice.ts";
import { loginOf, type NoticeEvent } from "./notice-event.ts";
import { accountAddress, staffOf } from "./staff-reader.ts";

export const PASSWORD_CHANGED = "auth.password.changed";
export const SESSION_EXPIRED = "auth.session.expired";

/** A mail to a member of staff whose password is another one now. Whoever chose their first one knows. */
export async function passwordChanged(
  deps: NoticeDeps,
  workspaceId: number,
  event: NoticeEvent,
): Promise<Notice | undefined> {
  const to = event.targetType === "staff" ? await staffOf(deps.db, workspaceId, event.targetId) : undefined;
  if (to === undefined || detailsOf(event).first === true) return undefined;
  return {
    template: "password-changed",
    to,
    key: `notice/password-changed/${event.id}`,
    data: { user: { name: to.name }, login: loginOf(event), panelUrl: accountAddress(deps) },
  };
}

/** A mail to a member of staff whose session was idle for too long, or too old. */
export async function sessionExpired(
  deps: NoticeDeps,
  workspaceId: number,
  event: NoticeEvent,
): Promise<Notice | undefined> {
  if (!deps.settings.of(workspaceId).noticeSessionExpired) return undefined;
  const to = event.targetType === "staff" ? await staffOf(deps.db, workspaceId, event.targetId) : undefined;
  if (to === undefined) return undefined;
  const { why } = detailsOf(event);
  return {
    template: "session-expired",
    to,
    key: `notice/session-expired/${event.id}`,
    data: {
      user: { name: to.name },
      session: { endedAt: event.at.toISOString(), why: why === "age" ? "age" : "idle" },
      panelUrl: `${publicAddress(deps.config)}/sign-in`,
    },
  };
}

function detailsOf({ details }: NoticeEvent): Record<string, unknown> {
  const parsed: unknown = details === null ? null : JSON.parse(details);
  return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : {};
}
