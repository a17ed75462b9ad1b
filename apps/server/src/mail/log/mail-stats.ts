import type { MailRates, MailStats } from "@daybook/contract";
import type { Pool } from "pg";
import type { Querier } from "../../access/staff-store.ts";
import { reading, SEARCH_MS_MAX } from "../../record/search/reading.ts";
import { mailDeliveryNumber } from "../mail-row.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DOMAINS_SHOWN = 20;

export interface MailStatsQuestion {
  workspaceId: number;
  fromMs: number;
  toMs: number;
  /** At most so many bars; each is a whole number of hours. */
  buckets: number;
  templates?: readonly string[] | undefined;
  domain?: string | undefined;
}

const counts = ["queued", "sent", "delivered", "failed", "bounced", "complained", "suppressed"] as const;
const sums = counts.map((name) => `coalesce(sum(${name}), 0)::int as ${name}`).join(", ");

interface Range {
  workspaceId: number;
  firstMs: number;
  toMs: number;
  bucketMs: number;
  templates: readonly string[] | null;
  domain: string | null;
}

/**
 * What became of the mails of a range. Over a long time there are millions of hours and domains: bars and templates are read from the sums
 * of the hours, domains from the sums of the days, and only what is narrowed further from the hours themselves.
 */
export async function readMailStats(db: Pool, question: MailStatsQuestion): Promise<MailStats> {
  const { workspaceId, fromMs, toMs, templates = null, domain = null } = question;
  const hours = Math.max(1, Math.ceil((toMs - fromMs) / HOUR_MS));
  const bucketMs = Math.ceil(hours / question.buckets) * HOUR_MS;
  const firstMs = Math.floor(fromMs / bucketMs) * bucketMs;
  const range: Range = { workspaceId, firstMs, toMs, bucketMs, templates, domain };
  return reading(db, SEARCH_MS_MAX, async (client) => {
    const told = statsOf(await readSums(client, range), range);
    const own = domain !== null && told.total.queued > 0 ? [{ domain, ...told.total }] : [];
    return {
      ...told,
      domains: domain === null ? await readDomains(client, range) : own,
      now: await readNow(client, range),
    };
  });
}

interface SumRow extends MailRates {
  bar: number | null;
  template: string | null;
  /** What it is summed by: grouping() has a bit for each of bar and template that it is not. */
  by: number;
}

const BY_BAR = 0b01;
const BY_TEMPLATE = 0b10;
const BY_NOTHING = 0b11;

async function readSums(db: Querier, range: Range): Promise<SumRow[]> {
  const { workspaceId, firstMs, toMs, bucketMs, templates, domain } = range;
  const parameters = [workspaceId, new Date(firstMs), new Date(toMs), templates, firstMs, bucketMs];
  const [table, test] = domain === null ? ["mail_hour_template", ""] : ["mail_hour", "and domain = $7"];
  const { rows } = await db.query<SumRow>(
    `with hours as (
       select floor((extract(epoch from hour) * 1000 - $5::bigint) / $6::bigint)::int as bar, template, ${counts.join(", ")} from ${table}
        where workspace_id = $1 and hour >= $2 and hour < $3 and ($4::text[] is null or template = any($4)) ${test})
     select bar, template, grouping(bar, template) as by, ${sums} from hours group by grouping sets ((bar), (template), ())`,
    domain === null ? parameters : [...parameters, domain],
  );
  return rows;
}

function statsOf(rows: readonly SumRow[], { firstMs, toMs, bucketMs }: Range): Omit<MailStats, "now" | "domains"> {
  const bars = new Map(rows.filter(({ by }) => by === BY_BAR).map((row) => [row.bar ?? 0, row]));
  const buckets: MailStats["buckets"] = [];
  for (let bar = 0; firstMs + bar * bucketMs < toMs; bar++)
    buckets.push({ start: new Date(firstMs + bar * bucketMs).toISOString(), ...ratesOf(bars.get(bar)) });
  return {
    bucketMs,
    buckets,
    templates: rows
      .filter(({ by, template }) => by === BY_TEMPLATE && template !== "")
      .map((row) => ({ template: row.template ?? "", ...ratesOf(row) }))
      .sort((a, b) => b.queued - a.queued),
    total: ratesOf(rows.find(({ by }) => by === BY_NOTHING)),
  };
}

/** The domains with the most mails: whole days from their sums, what is left at the ends from the hours. */
async function readDomains(
  db: Querier,
  { workspaceId, firstMs, toMs, templates }: Range,
): Promise<MailStats["domains"]> {
  const dayFrom = Math.min(toMs, Math.ceil(firstMs / DAY_MS) * DAY_MS);
  const dayTo = Math.max(dayFrom, Math.floor(toMs / DAY_MS) * DAY_MS);
  const times = [firstMs, toMs, dayFrom, dayTo].map((ms) => new Date(ms));
  const hours = `select domain, ${counts.join(", ")} from mail_hour where workspace_id = $1 and`;
  const { rows } = await db.query<MailRates & { domain: string }>(
    `select domain, ${sums} from (${
      templates === null
        ? `select domain, ${counts.join(", ")} from mail_day_domain where workspace_id = $1 and day >= $4 and day < $5
           union all ${hours} hour >= $2 and hour < $4
           union all ${hours} hour >= $5 and hour < $3`
        : `${hours} hour >= $2 and hour < $3 and template = any($4)`
    }) as kept group by domain order by queued desc, domain limit ${DOMAINS_SHOWN}`,
    templates === null ? [workspaceId, ...times] : [workspaceId, ...times.slice(0, 2), templates],
  );
  return rows;
}

/** The counts of a row alone; nothing for none. */
export function ratesOf(row: MailRates | undefined): MailRates {
  return {
    queued: row?.queued ?? 0,
    sent: row?.sent ?? 0,
    delivered: row?.delivered ?? 0,
    failed: row?.failed ?? 0,
    bounced: row?.bounced ?? 0,
    complained: row?.complained ?? 0,
    suppressed: row?.suppressed ?? 0,
  };
}

const ours = [mailDeliveryNumber("daybook"), mailDeliveryNumber("relay")].join(", ");

/** What waits here, and not in another mail server's queue; the oldest of those whose time has come. */
async function readNow(db: Querier, { workspaceId, templates, domain }: Range): Promise<MailStats["now"]> {
  const { rows } = await db.query<{ waiting: number; oldest: Date | null }>(
    `select count(*) as waiting,
       min(coalesce(send_at, queued_at)) filter (where coalesce(send_at, queued_at) <= now()) as oldest
       from mail_message where workspace_id = $1 and status = 0 and delivery in (${ours})
        and ($2::text[] is null or template = any($2)) and ($3::text is null or to_domain = $3)`,
    [workspaceId, templates, domain],
  );
  const [row] = rows;
  return {
    waiting: row?.waiting ?? 0,
    ...(row?.oldest ? { oldestWaitingAt: row.oldest.toISOString() } : {}),
  };
}

/** What became of the mails to one domain since a time. */
export async function readDomainRates(
  db: Querier,
  workspaceId: number,
  domain: string,
  fromMs: number,
): Promise<MailRates> {
  const { rows } = await db.query<MailRates>(
    `select ${sums} from mail_hour where workspace_id = $1 and domain = $2 and hour >= $3`,
    [workspaceId, domain, new Date(fromMs)],
  );
  return ratesOf(rows[0]);
}
