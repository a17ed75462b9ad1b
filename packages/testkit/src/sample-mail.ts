import {
  type MailClass,
  type MailDelivery,
  type MailHappening,
  type MailStatus,
  mailHappenings,
  type Target,
} from "@daybook/contract";
import type { Deps } from "@daybook/server/deps.ts";
import {
  addressKey,
  domainOf,
  type MailRow,
  mailColumns,
  mailDeliveryNumber,
  mailStatusNumber,
} from "@daybook/server/mail/mail-row.ts";
import { newId } from "@daybook/server/record/event-id.ts";
import { targetKeys } from "@daybook/server/tasks/task-row.ts";

export interface SampleMail {
  workspaceId?: number;
  id?: string;
  status?: MailStatus;
  delivery?: MailDelivery;
  template?: string;
  subject?: string;
  to?: { address: string; name?: string };
  user?: { id: string; name?: string };
  targets?: Target[];
  project?: string;
  class?: MailClass;
  answer?: string;
  transport?: string;
  attempts?: number;
  resendOf?: string;
  /** It was sent a second later and settled two later, as far as its status goes. */
  queuedAtMs?: number;
  /** What happened to it, each a second after the other. */
  happenings?: readonly MailHappening[];
  /** What it said; left out, nothing is kept. */
  content?: {
    headers?: [string, string][];
    html?: string;
    text?: string;
    variables?: unknown;
    attachments?: unknown[];
  };
}

/** Stores a mail, in the workspace main unless told otherwise: an invoice to dana@acme.example that a server took. */
export async function sampleMail(deps: Pick<Deps, "db" | "clock">, mail: SampleMail = {}): Promise<MailRow> {
  const { db } = deps;
  const queuedAtMs = mail.queuedAtMs ?? deps.clock() - 5_000;
  const workspaceId = mail.workspaceId ?? (await mainWorkspace(deps));
  const id = mail.id ?? newId(queuedAtMs);
  const { status = "sent", to = { address: "dana@acme.example", name: "Dana Whitfield" }, targets = [] } = mail;
  const subject = mail.subject ?? "Your invoice";
  const reached = status !== "queued" && status !== "failed" && status !== "suppressed";
  const row: Record<string, unknown> = {
    ...{ workspace_id: workspaceId, id, subject, status: mailStatusNumber(status) },
    ...{ delivery: mailDeliveryNumber(mail.delivery ?? "daybook"), template: mail.template ?? null },
    ...{ from_address: "billing@host.example", from_name: "Heronfield Hosting" },
    ...{ to_address: to.address, to_key: addressKey(to.address), to_domain: domainOf(to.address) },
    ...{ to_name: to.name ?? null, user_id: mail.user?.id ?? null, user_name: mail.user?.name ?? null },
    ...{ project: mail.project ?? null, target_keys: targetKeys(targets), targets: JSON.stringify(targets) },
    ...{ message_id: `${id}@host.example`, queued_at: new Date(queuedAtMs), attempts: mail.attempts ?? 1 },
    ...{ sent_at: reached ? new Date(queuedAtMs + 1_000) : null },
    ...{ settled_at: status === "queued" ? null : new Date(queuedAtMs + 2_000) },
    ...{ class: mail.class ?? null, answer: mail.answer ?? null, transport: mail.transport ?? null },
    ...{ happenings: mail.happenings?.length ?? 0, resend_of: mail.resendOf ?? null },
  };
  const names = Object.keys(row);
  const { rows } = await db.query<MailRow>(
    `insert into mail_message (${names.join(", ")}) values (${names.map((_, at) => `$${at + 1}`).join(", ")}) returning ${mailColumns}`,
    Object.values(row),
  );
  const [made] = rows;
  if (made === undefined) throw new Error(`the mail ${id} was not made`);
  await db.query("insert into mail_text (workspace_id, message_id, body) values ($1, $2, $3)", [
    workspaceId,
    id,
    wordsOf(made),
  ]);
  for (const [n, happening] of (mail.happenings ?? []).entries())
    await db.query(
      `insert into mail_happening (workspace_id, message_id, n, happening, at, event_id, actor, told)
       values ($1, $2, $3, $4, $5, $6, $7, true)`,
      [
        ...[workspaceId, id, n + 1, mailHappenings.indexOf(happening), new Date(queuedAtMs + n * 1_000)],
        ...[newId(queuedAtMs), { type: "system", name: "Daybook" }],
      ],
    );
  if (mail.content !== undefined) await keepContent(deps, made, mail.content);
  return made;
}

async function keepContent(
  { db }: Pick<Deps, "db">,
  { workspace_id, id }: MailRow,
  { headers = [], html, text, variables, attachments = [] }: NonNullable<SampleMail["content"]>,
): Promise<void> {
  await db.query(
    `insert into mail_content (workspace_id, message_id, headers, variables, html, plain, attachments)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      ...[workspace_id, id, JSON.stringify(headers), variables === undefined ? null : JSON.stringify(variables)],
      ...[html ?? null, text ?? null, JSON.stringify(attachments)],
    ],
  );
}

/** What a search for words looks into. */
function wordsOf(row: MailRow): string {
  const targets = row.targets.flatMap(({ id, name }) => [id, name]);
  const parties = [row.to_address, row.to_name, row.from_address, row.from_name, row.user_id, row.user_name];
  const texts = [row.subject, row.template, row.answer, row.class, row.project, row.id, row.message_id];
  return [...texts, ...parties, ...targets].filter(Boolean).join(" ");
}

async function mainWorkspace({ db }: Pick<Deps, "db">): Promise<number> {
  const { rows } = await db.query<{ id: number }>("select id from workspace where slug = 'main'");
  return rows[0]?.id ?? 0;
}
