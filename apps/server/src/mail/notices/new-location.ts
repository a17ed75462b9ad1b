import { actorTypes, outcomes } from "@daybook/contract";
import type { Querier } from "../../access/staff-store.ts";
import { hasTerm, termHash } from "../../record/terms.ts";
import type { Notice, NoticeDeps } from "./notice.ts";
import { loginOf, type NoticeEvent } from "./notice-event.ts";
import { accountAddress, staffOf } from "./staff-reader.ts";

export const LOGIN = "auth.login";

/**
 * A mail to somebody who signed in from a country and network from which they never did before: staff of Daybook at the address of
 * their account, users of the panel at the one that the event names. The first sign-in of all is no news, and neither is one whose
 * place is not known (an address of a private network).
 */
export async function newLocation(
  deps: NoticeDeps,
  workspaceId: number,
  event: NoticeEvent,
): Promise<Notice | undefined> {
  if (!deps.settings.of(workspaceId).noticeNewLocation) return undefined;
  const reader = await readerOf(deps, workspaceId, event);
  if (reader === undefined || !(await isNewPlace(deps.db, workspaceId, event))) return undefined;
  return {
    template: "new-login-location",
    to: reader.to,
    ...(reader.user === undefined ? {} : { user: reader.user }),
    // One a day and person: whoever writes events with ever new places makes no flood of mails of it.
    key: `notice/new-location/${event.actorType}/${event.actorId}/${event.at.toISOString().slice(0, 10)}`,
    data: { user: { name: reader.to.name }, login: loginOf(event), panelUrl: reader.url ?? "" },
  };
}

async function readerOf(
  deps: NoticeDeps,
  workspaceId: number,
  event: NoticeEvent,
): Promise<(Pick<Notice, "to" | "user"> & { url?: string }) | undefined> {
  const { actorType, actorId, actorName, actorEmail } = event;
  if (actorId === null || (actorType !== "staff" && actorType !== "user")) return undefined;
  const staff = actorType === "staff" ? await staffOf(deps.db, workspaceId, actorId) : undefined;
  if (staff !== undefined) return { to: staff, url: accountAddress(deps) };
  if (actorEmail === null) return undefined;
  const to = { address: actorEmail, name: actorName ?? "" };
  if (actorType === "staff") return { to };
  return { to, user: { id: actorId, ...(actorName === null ? {} : { name: actorName }) } };
}

/** Whether the actor signed in before, and never from here. The index of terms finds the sign-ins of one actor. */
async function isNewPlace(db: Querier, workspaceId: number, event: NoticeEvent): Promise<boolean> {
  const { actorId, actorType, country, asn, seq } = event;
  if (actorId === null || (country === null && asn === null)) return false;
  const terms = [["actor", actorId] as const, ["action", LOGIN] as const]
    .filter(([key, value]) => hasTerm(key, value))
    .map(([key, value]) => termHash(key, value));
  const earlier = `select from event where workspace_id = $1 and terms @> $2::int[] and action = $3 and outcome = $4
       and actor_type = $5 and actor_id = $6 and seq < $7`;
  const { rows } = await db.query<{ known: boolean; before: boolean }>(
    `select exists (${earlier}) as before,
            exists (${earlier} and country is not distinct from $8 and asn is not distinct from $9) as known`,
    [
      ...[workspaceId, terms, LOGIN, outcomes.indexOf("success"), actorTypes.indexOf(actorType)],
      ...[actorId, seq, country, asn],
    ],
  );
  return rows[0]?.before === true && !rows[0].known;
}
