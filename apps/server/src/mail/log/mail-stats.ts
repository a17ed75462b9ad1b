import type { MailRates, MailStats } from "@daybook/contract";
import type { Pool } from "pg";
import type { Querier } from "../../access/staff-store.ts";
import { reading, SEARCH_MS_MAX } from "../../record/search/reading.ts";

const HOUR_MS = 3_600_000;
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

interface StatsRow extends MailRates {
  bar: number | null;
  template: string | null;
  domain: string | null;
  /** By which of the three it is grouped; none: the sum of all. */
  by: number;
}

/** What became of the mails of a range, from the counts that are kept by hour. */
export async function readMailStats(db: Pool, question: MailStatsQuestion): Promise<MailStats> {
  const { workspaceId, fromMs, toMs, templates, domain } = question;
  const hours = Math.max(1, Math.ceil((toMs - fromMs) / HOUR_MS));
  const bucketMs = Math.ceil(hours / question.buckets) * HOUR_MS;
  const firstMs = Math.floor(fromMs / bucketMs) * bucketMs;
  const narrowed = [templates ?? null, domain ?? null];
  return reading(db, SEARCH_MS_MAX, async (client) => {
    const { rows } = await client.query<StatsRow>(
      `with hours as (
         select floor((extract(epoch from hour) * 1000 - $4::bigint) / $5::bigint)::int as bar, template, domain, ${counts.join(", ")}
           from (select * from mail_hour
                  where workspace_id = $1 and hour >= $2 and hour < $3
                    and ($6::text[] is null or template = any($6)) and ($7::text is null or domain = $7)) as kept),
       grouped as (
         select bar, template, domain, grouping(bar, template, domain) as by, ${sums}
           from hours group by grouping sets ((bar), (template), (domain), ()))
       (select * from grouped where by <> 6)
       union all (select * from grouped where by = 6 order by queued desc, domain limit ${DOMAINS_SHOWN})`,
      [workspaceId, new Date(firstMs), new Date(toMs), firstMs, bucketMs, ...narrowed],
    );
    return { ...statsOf(rows, firstMs, toMs, bucketMs), now: await readNow(client, workspaceId, narrowed) };
  });
}

/** grouping() has a bit for each of bar, template and domain that is not grouped by. */
const BY_BAR = 0b011;
const BY_TEMPLATE = 0b101;
const BY_DOMAIN = 0b110;
const BY_NOTHING = 0b111;

function statsOf(rows: readonly StatsRow[], firstMs: number, toMs: number, bucketMs: number): Omit<MailStats, "now"> {
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
    domains: rows.filter(({ by }) => by === BY_DOMAIN).map((row) => ({ domain: row.domain ?? "", ...ratesOf(row) })),
    total: ratesOf(rows.find(({ by }) => by === BY_NOTHING)),
  };
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

/** What waits; the oldest of those whose time has come. */
async function readNow(db: Querier, workspaceId: number, narrowed: readonly unknown[]): Promise<MailStats["now"]> {
  const { rows } = await db.query<{ waiting: number; oldest: Date | null }>(
    `select count(*) as waiting,
       min(coalesce(send_at, queued_at)) filter (where coalesce(send_at, queued_at) <= now()) as oldest
       from mail_message where workspace_id = $1 and status = 0
        and ($2::text[] is null or template = any($2)) and ($3::text is null or to_domain = $3)`,
    [workspaceId, ...narrowed],
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
