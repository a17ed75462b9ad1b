import { mailHappenings } from "@daybook/contract";
import type { PoolClient } from "pg";
import { inTransaction } from "../db/transaction.ts";
import { GroupCommit } from "../tasks/group-commit.ts";
import type { TaskOrder } from "../tasks/task-desk.ts";
import type { MadeMail } from "./draft-mail.ts";
import type { MailDeps } from "./mail-desk.ts";
import { keyConflict, type MailKey, takeKeys } from "./mail-key.ts";
import { type MailRow, mailPriorityNumber, mailStatusNumber } from "./mail-row.ts";
import { insertMails, type MailDraft, readMails, suppressedOf } from "./mail-store.ts";
import { putInOutbox } from "./outbox.ts";

/** The type of the tasks that deliver. */
export const deliveryType = "daybook.mail_delivery";

/** Messages stored in one transaction at most. */
const GROUP_MAX = 100;
/** What is larger is stored alone: with a hundred of them a statement would be larger than PostgreSQL takes. */
const GROUPED_BYTES_MAX = 1024 * 1024;

/** A message to be stored, and the key of its call. */
export interface Waiting {
  made: MadeMail;
  key: MailKey | undefined;
}

export interface Accepted {
  row: MailRow;
  /** False: it was there already. */
  made: boolean;
}

type AcceptDeps = Pick<MailDeps, "db" | "clock" | "tasks">;

/** Stores messages with their tasks. What a workspace is given while a transaction is under way shares the next one. */
export class AcceptedMails {
  readonly #deps: AcceptDeps;
  readonly #groups = new Map<string, GroupCommit<readonly Waiting[], Accepted[]>>();

  constructor(deps: AcceptDeps) {
    this.#deps = deps;
  }

  /** Resolves when all of them are on disk, or none is. Throws `conflict` for a key that another order has. */
  async add(workspaceId: number, mails: readonly Waiting[]): Promise<Accepted[]> {
    // Read within the transaction they would wait for a connection that it does not give back.
    await this.#deps.tasks.types.all(workspaceId);
    const bytes = mails.reduce((sum, { made }) => sum + (made.sealed?.length ?? 0), 0);
    return this.#groupOf(workspaceId, bytes > GROUPED_BYTES_MAX ? 1 : GROUP_MAX).add(mails);
  }

  #groupOf(workspaceId: number, most: number): GroupCommit<readonly Waiting[], Accepted[]> {
    const name = `${workspaceId} ${most}`;
    const known = this.#groups.get(name);
    if (known !== undefined) return known;
    const group = new GroupCommit<readonly Waiting[], Accepted[]>(async (groups) => {
      const mails = groups.flat();
      const rows = await inTransaction(this.#deps.db, (client) => this.#store(client, workspaceId, mails));
      return groups.map((some) => some.map((mail) => rows.get(mail) as Accepted));
    }, most);
    this.#groups.set(name, group);
    return group;
  }

  /**
   * 1. Take the keys; a mail whose key is there is the one that has it.
   * 2. Leave out addresses that get no mail: those messages are stored as suppressed.
   * 3. Store the messages, what is sent, and the tasks that send it.
   */
  async #store(client: PoolClient, workspaceId: number, mails: readonly Waiting[]): Promise<Map<Waiting, Accepted>> {
    const known = await this.#known(client, workspaceId, mails);
    const fresh = mails.filter((mail) => !known.has(mail));
    const outgoing = fresh.filter(({ made }) => made.sealed !== undefined);
    const suppressed =
      outgoing.length === 0
        ? new Set<string>()
        : await suppressedOf(
            client,
            workspaceId,
            outgoing.map(({ made }) => made.draft.to_key),
          );
    const sent = outgoing.filter(({ made }) => !suppressed.has(made.draft.to_key));
    const drafts = fresh.map((mail) =>
      mail.made.sealed === undefined || sent.includes(mail) ? mail.made.draft : asSuppressed(mail.made.draft),
    );
    const rows = new Map((await insertMails(client, workspaceId, drafts)).map((row) => [row.id, row]));
    await putInOutbox(
      client,
      workspaceId,
      sent.flatMap(({ made }) => (made.sealed === undefined ? [] : [{ id: made.draft.id, sealed: made.sealed }])),
    );
    if (sent.length > 0)
      await this.#deps.tasks.createAll(
        client,
        workspaceId,
        sent.map(({ made }) => deliveryOf(made.draft)),
      );
    for (const mail of fresh) known.set(mail, { row: rows.get(mail.made.draft.id) as MailRow, made: true });
    return known;
  }

  /** Mails whose key another one has, with the message that it is. Of two with one key in this group the first is made. */
  async #known(client: PoolClient, workspaceId: number, mails: readonly Waiting[]): Promise<Map<Waiting, Accepted>> {
    const keyed = new Map<string, Waiting>();
    for (const mail of mails) if (mail.key !== undefined && !keyed.has(mail.key.key)) keyed.set(mail.key.key, mail);
    if (keyed.size === 0) return new Map();
    const wanted = [...keyed.values()].map(({ key, made }) => ({ ...(key as MailKey), messageId: made.draft.id }));
    const others = await takeKeys(client, workspaceId, this.#deps.clock(), wanted);
    const there = await readMails(
      client,
      workspaceId,
      [...others.values()].map(({ messageId }) => messageId),
    );
    const known = new Map<Waiting, Accepted>();
    for (const mail of mails) {
      if (mail.key === undefined) continue;
      const other = others.get(mail.key.key);
      const first = keyed.get(mail.key.key) as Waiting;
      if (other === undefined && first === mail) continue;
      const order = other?.order ?? (first.key as MailKey).order;
      const messageId = other?.messageId ?? first.made.draft.id;
      if (!order.equals(mail.key.order)) throw keyConflict(messageId);
      const row = there.get(messageId);
      // The first of this group is stored in a moment; whoever repeats it reads it then.
      if (row === undefined) throw new RepeatedInGroup();
      known.set(mail, { row, made: false });
    }
    return known;
  }
}

/** Two calls with one key came in the same group: each is tried alone, one after the other. */
class RepeatedInGroup extends Error {}

/** The task that delivers a message. */
function deliveryOf(draft: MailDraft): TaskOrder {
  return {
    ...(draft.task_id === null ? {} : { id: draft.task_id }),
    type: deliveryType,
    payload: { messageId: draft.id },
    targets: [{ type: "mail", id: draft.id, name: draft.to_address }],
    own: true,
    // High is 0, normal 1, low 2: a queue gives out the highest number first.
    priority: mailPriorityNumber("normal") - draft.priority,
    ...(draft.send_at === null ? {} : { runAt: draft.send_at }),
  };
}

/** A message that is not sent: its address is on the suppression list. */
function asSuppressed(draft: MailDraft): MailDraft {
  return {
    ...draft,
    status: mailStatusNumber("suppressed"),
    class: "suppressed",
    settled_at: draft.queued_at,
    next_try_at: null,
    task_id: null,
    happened: draft.happened.map((each) => ({
      ...each,
      happening: mailHappenings.indexOf("suppressed"),
      class: "suppressed" as const,
    })),
  };
}
