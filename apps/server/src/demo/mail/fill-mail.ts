import { hash } from "node:crypto";
import { mailHappenings } from "@daybook/contract";
import type { PoolClient } from "pg";
import type { Db } from "../../db/pool.ts";
import { inTransaction } from "../../db/transaction.ts";
import type { Deps } from "../../deps.ts";
import { countHappenings } from "../../mail/mail-counts.ts";
import { addressKey, domainOf, mailDeliveryNumber, mailStatusNumber } from "../../mail/mail-row.ts";
import { insertMails, type MailDraft } from "../../mail/mail-store.ts";
import { addSuppression } from "../../mail/suppression/suppression-store.ts";
import { TemplateBook } from "../../mail/templates/template-book.ts";
import { outcomeNumber } from "../../mail/wire/attempt-outcomes.ts";
import { Chance } from "../chance.ts";
import { DAY, HOUR, MINUTE } from "../rhythm.ts";
import { type StoryOptions, tellStory } from "../story.ts";
import { mailData } from "./mail-data.ts";
import { type FateWorld, fateOf } from "./mail-fate.ts";
import { causesOf, furtherCauses, type MailPlot } from "./mail-plot.ts";

export type DemoMailDeps = Pick<Deps, "db" | "config" | "settings" | "log">;
type StoreDeps = DemoMailDeps & { templates: TemplateBook };

const from = { address: "hello@heronfield.example", name: "Heronfield" };
/** Mails that are stored with one statement. */
const BATCH = 200;
/** Steps after these are final; a mail that was sent may still be reported on. */
const settledBy = new Set(["sent", "delivered", "failed", "bounced", "complained", "suppressed"]);

/** Whether a workspace has mails: those of the demo were told already. */
export async function hasMail(db: Db, workspaceId: number): Promise<boolean> {
  const { rows } = await db.query<{ there: boolean }>(
    "select exists (select from mail_message where workspace_id = $1) as there",
    [workspaceId],
  );
  return rows[0]?.there === true;
}

/**
 * Tells the mails of the demo company: those that the events of its story would have sent, with what mail servers made of them, and the addresses
 * that get none since. They are all over: nothing of it waits to be sent, and nothing ever is. All or nothing. Returns how many there are.
 */
export async function fillMail(deps: DemoMailDeps, workspace: { id: number; story: StoryOptions }): Promise<number> {
  const { plots, world } = plotMails(workspace.story);
  // Its mails have its name, whatever the workspace is called.
  const settings = { of: (id: number) => ({ ...deps.settings.of(id), brandName: from.name }) };
  const templates = new TemplateBook({ ...deps, settings });
  await inTransaction(deps.db, async (client) => {
    for (let start = 0; start < plots.length; start += BATCH)
      await store({ ...deps, templates }, client, workspace.id, plots.slice(start, start + BATCH));
    for (const [address, { reason, at, messageId, note }] of world.suppressed)
      await addSuppression(client, workspace.id, {
        address,
        reason,
        atMs: at,
        messageId,
        ...(note === undefined ? {} : { note, byName: "Mateus Ribeiro" }),
      });
  }).finally(() => templates.close());
  return plots.length;
}

/** Every mail of a story with its fate. The same story gives the same mails. */
export function plotMails(story: StoryOptions): { plots: MailPlot[]; world: FateWorld } {
  const chance = new Chance(`${story.seed}/${story.days}/${story.events}/mail`);
  const outageAt = story.untilMs - Math.round(story.days * 0.3) * DAY + 8 * HOUR;
  const world: FateWorld = {
    chance,
    untilMs: story.untilMs,
    outage: { fromMs: outageAt, toMs: outageAt + 10 * HOUR },
    suppressed: new Map(),
    known: new Map(),
  };
  const { events } = tellStory(story);
  const plots: MailPlot[] = [];
  const fromMs = story.untilMs - story.days * DAY;
  const more = furtherCauses(events, { chance: chance.branch("further"), fromMs, untilMs: story.untilMs });
  for (const cause of [...causesOf(events), ...more].sort((a, b) => a.at - b.at)) {
    const plot = fateOf(cause, world);
    plots.push(plot);
    plots.push(...resendOf(plot, world));
  }
  world.suppressed.set("info@harbourlamp.example", {
    reason: "manual",
    at: story.untilMs - 11 * DAY,
    note: "Asked by telephone to get no mail",
  });
  return { plots, world };
}

/** Now and then somebody of the staff sends a mail once more, to the address that the customer names. */
function resendOf(plot: MailPlot, world: FateWorld): MailPlot[] {
  const { chance, untilMs } = world;
  if (plot.delivery === "external" || (plot.status !== "bounced" && plot.status !== "failed") || !chance.is(0.5))
    return [];
  const at = (plot.happenings.at(-1)?.at ?? plot.at) + chance.whole(20, 600) * MINUTE;
  if (at >= untilMs) return [];
  const { template, data, to, user, targets } = plot;
  const another = { ...to, address: `${to.address.split("@")[0]}@hazelwick.example` };
  const cause = { at, template, data, to: another, targets, ...(user === undefined ? {} : { user }) };
  return [{ ...fateOf(cause, world), resendOf: plot.id }];
}

async function store(
  deps: StoreDeps,
  client: PoolClient,
  workspaceId: number,
  plots: readonly MailPlot[],
): Promise<void> {
  const drafts = await Promise.all(plots.map((plot) => draftOf(deps, workspaceId, plot)));
  await insertMails(client, workspaceId, drafts);
  await storeAttempts(client, workspaceId, plots);
  const broken = plots.filter(({ maybeSent }) => maybeSent).map(({ id }) => id);
  await client.query("update mail_message set maybe_sent = true where workspace_id = $1 and id = any($2::uuid[])", [
    workspaceId,
    broken,
  ]);
  // The panel said these itself: they are in the log already, and only to be counted.
  const said = plots.flatMap((plot) =>
    plot.happenings.filter(({ eventId }) => eventId !== undefined).map((step) => ({ plot, step })),
  );
  await client.query("update mail_happening set told = true where workspace_id = $1 and event_id = any($2::uuid[])", [
    workspaceId,
    said.map(({ step }) => step.eventId),
  ]);
  await countHappenings(
    client,
    workspaceId,
    said.map(({ plot, step }) => ({
      n: 1,
      happening: mailHappenings.indexOf(step.happening),
      previous: null,
      queued_at: new Date(plot.at),
      template: plot.template,
      to_domain: domainOf(plot.to.address),
    })),
  );
}

async function storeAttempts(client: PoolClient, workspaceId: number, plots: readonly MailPlot[]): Promise<void> {
  const attempts = plots.flatMap(({ id, attempts }) =>
    attempts.map((attempt, index) => ({
      message_id: id,
      n: index + 1,
      transport: attempt.transport,
      host: attempt.host,
      started_at: time(attempt.startedAt),
      wire_at: attempt.outcome === "sent" || attempt.outcome === "maybe_sent" ? time(attempt.endedAt - 50) : null,
      ended_at: time(attempt.endedAt),
      outcome: outcomeNumber(attempt.outcome),
      class: attempt.class ?? null,
      code: attempt.code ?? null,
      enhanced: attempt.enhanced ?? null,
      line: attempt.line,
    })),
  );
  await client.query(
    `insert into mail_attempt (workspace_id, message_id, n, transport, host, started_at, wire_at, ended_at, outcome, class, code, enhanced, line)
     select $1, given.* from jsonb_to_recordset($2::jsonb) as given(message_id uuid, n int, transport text, host text, started_at timestamptz,
       wire_at timestamptz, ended_at timestamptz, outcome smallint, class text, code int, enhanced text, line text)`,
    [workspaceId, JSON.stringify(attempts)],
  );
}

const time = (ms: number): string => new Date(ms).toISOString();

async function draftOf(deps: StoreDeps, workspaceId: number, plot: MailPlot): Promise<MailDraft> {
  const said = await deps.templates.render(workspaceId, { name: plot.template, locale: "en", data: mailData(plot) });
  const sent = plot.happenings.find(({ happening }) => happening === "sent");
  const last = plot.happenings.findLast(({ happening }) => settledBy.has(happening));
  const bytes = Buffer.byteLength(said.html) + Buffer.byteLength(said.text);
  const messageId = `${plot.id}@heronfield.example`;
  return {
    id: plot.id,
    status: mailStatusNumber(plot.status),
    delivery: mailDeliveryNumber(plot.delivery),
    priority: 1,
    template: plot.template,
    template_version: said.version,
    locale: said.locale,
    subject: said.subject,
    from_address: from.address,
    from_name: from.name,
    to_address: plot.to.address,
    to_key: addressKey(plot.to.address),
    to_domain: domainOf(plot.to.address),
    to_name: plot.to.name === "" ? null : plot.to.name,
    user_id: plot.user?.id ?? null,
    user_name: plot.user?.name ?? null,
    project: null,
    target_keys: plot.targets.map(({ type, id }) => `${type}/${id}`),
    targets: plot.targets,
    message_id: messageId,
    provider: plot.provider ?? null,
    provider_id: plot.provider === undefined ? null : hash("sha256", plot.id).slice(0, 24),
    queue_id: /queued as (\w+)/.exec(sent?.answer ?? "")?.[1] ?? null,
    queued_at: time(plot.at),
    send_at: null,
    sent_at: sent === undefined ? null : time(sent.at),
    settled_at: last === undefined ? null : time(last.at),
    next_try_at: plot.nextTryAt === undefined ? null : time(plot.nextTryAt),
    attempts: plot.attempts.length,
    class: plot.class ?? null,
    answer: plot.answer ?? null,
    transport: plot.attempts.at(-1)?.transport ?? null,
    task_id: null,
    resend_of: plot.resendOf ?? null,
    requested_by: null,
    size_bytes: bytes + 1_200,
    body_hash: hash("sha256", said.html + said.text),
    body: [plot.to.address, plot.to.name, said.subject, plot.template, plot.answer ?? ""].join(" "),
    content: {
      headers: headersOf(plot, said.subject, messageId),
      variables: said.variablesMasked,
      html: masked(said.html, said.secrets),
      plain: masked(said.text, said.secrets),
      attachments: [],
      masked: said.secrets.length > 0 ? 1 : 0,
    },
    happened: plot.happenings.map((step, index) => ({
      n: index + 1,
      happening: mailHappenings.indexOf(step.happening),
      at: time(step.at),
      event_id: step.eventId ?? uuidOf(plot.id, index, step.at),
      class: step.class ?? null,
      answer: step.answer ?? null,
    })),
    actor: null,
    origin: { ip: null },
  };
}

function headersOf(plot: MailPlot, subject: string, messageId: string): [string, string][] {
  return [
    ["From", `${from.name} <${from.address}>`],
    ["To", plot.to.name === "" ? plot.to.address : `${plot.to.name} <${plot.to.address}>`],
    ["Subject", subject],
    ["Message-ID", `<${messageId}>`],
    ["Date", new Date(plot.at).toUTCString().replace("GMT", "+0000")],
    ["MIME-Version", "1.0"],
    ["Content-Type", 'multipart/alternative; boundary="--_heronfield"'],
  ];
}

/** Templates name their secrets; the sample links of the demo open nothing. */
function masked(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, "[masked]"), text);
}

/** A UUIDv7 that follows from the mail and the step. */
function uuidOf(id: string, index: number, atMs: number): string {
  const millis = Math.floor(atMs).toString(16).padStart(12, "0");
  const random = hash("sha256", `${id}/${index}`);
  return `${millis.slice(0, 8)}-${millis.slice(8)}-7${random.slice(0, 3)}-a${random.slice(3, 6)}-${random.slice(6, 18)}`;
}
