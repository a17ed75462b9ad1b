import type { MailClass, SuppressionReason } from "@daybook/contract";
import type { Db } from "../../db/pool.ts";
import { prepared } from "../../db/prepared.ts";
import { GroupCommit } from "../../tasks/group-commit.ts";

/** A mail that is to go out, with what was tried so far. */
export interface WaitingMail {
  workspace_id: number;
  id: string;
  status: number;
  priority: number;
  from_address: string;
  to_address: string;
  to_domain: string;
  /** The MIME as it goes out, encrypted, unless it is large. */
  sealed: Buffer | null;
  /** Its bytes; null once the mail is settled. */
  sealed_bytes: number | null;
  tries: number;
  first_try_at: Date | null;
  /** The limit (mail_rate.name) on which it has a turn, and the milliseconds until then by the database's clock; negative once it is past. */
  turn_on: string | null;
  turn_wait_ms: number | null;
  class: MailClass | null;
  suppressed: SuppressionReason | null;
  /** The last attempt: its number, and what came of it. */
  last_n: number | null;
  last_outcome: number | null;
}

interface Named {
  workspaceId: number;
  id: string;
}

const GROUP_MAX = 100;
/** Larger messages are read one by one: a hundred of them have no room in memory. */
const SMALL_BYTES = 262_144;

/** Reads mails that are to go out; those that are asked for at the same time share a query. */
export class WaitingMails {
  readonly #group: GroupCommit<Named, WaitingMail | undefined>;

  constructor(db: Db) {
    this.#group = new GroupCommit((named) => readAll(db, named), GROUP_MAX);
  }

  /** Undefined if there is no such mail. */
  read(workspaceId: number, id: string): Promise<WaitingMail | undefined> {
    return this.#group.add({ workspaceId, id });
  }
}

const readStatement = prepared(
  `select m.workspace_id, m.id, m.status, m.priority, m.from_address, m.to_address, m.to_domain, m.class,
       case when octet_length(o.sealed) <= ${SMALL_BYTES} then o.sealed end as sealed, octet_length(o.sealed) as sealed_bytes, coalesce(o.tries, 0) as tries,
       o.first_try_at, o.turn_on, (extract(epoch from o.turn_at - now()) * 1000)::float8 as turn_wait_ms, s.reason as suppressed,
       a.n as last_n, a.outcome as last_outcome
     from unnest($1::int[], $2::uuid[]) as given(workspace_id, id)
     join mail_message m on m.workspace_id = given.workspace_id and m.id = given.id
     left join mail_outbox o on o.workspace_id = m.workspace_id and o.message_id = m.id
     left join mail_suppression s on s.workspace_id = m.workspace_id and s.address_key = m.to_key
     left join lateral (
       select n, outcome from mail_attempt
        where workspace_id = given.workspace_id and message_id = given.id order by n desc limit 1) a on true`,
);

async function readAll(db: Db, named: readonly Named[]): Promise<(WaitingMail | undefined)[]> {
  const { rows } = await db.query<WaitingMail>(
    readStatement([named.map(({ workspaceId }) => workspaceId), named.map(({ id }) => id)]),
  );
  const byKey = new Map(rows.map((row) => [`${row.workspace_id}/${row.id}`, row]));
  return named.map(({ workspaceId, id }) => byKey.get(`${workspaceId}/${id}`));
}
