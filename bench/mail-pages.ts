import { createMailPartitions } from "@daybook/server/mail/mail-partitions.ts";
import { type BenchServer, type Figure, percentile, round } from "./harness.ts";

const DAY_MS = 86_400_000;
const DAYS = 90;
const PIECE = 500_000;
const ROUNDS = 12;
const ADDRESSES = 400_000;
const DOMAINS = 2_000;

const templates = [
  ..."invoice payment-receipt welcome verify-address password-reset password-changed login-new-location".split(" "),
  ..."session-expired purchase-confirmation payment-failed renewal-reminder server-created server-suspended".split(" "),
  ..."server-unsuspended server-deleted backup-failed ticket-reply team-invitation alert digest plain".split(" "),
];

/** Filters as people use them in the mail log; `{n}`, `{person}` and its `{domain}` are others in each round, `{then}` is two weeks back. */
const questions = [
  "",
  "status=bounced",
  "status=failed,bounced&template=invoice",
  "template=ticket-reply",
  "template=team-invitation&status=complained",
  "user={person}",
  "address=user{person}@mx{domain}.example",
  "address=@bigmail.example&status=bounced",
  "address=@mx{n}.example&class=mailbox_full",
  "target=server/srv-{n}",
  "class=spam_refused",
  "q=user{person}",
  "q=mailbox+full&status=bounced",
  "delivery=relay&transport=backup&status=failed&to={then}",
];

/** Fills the tables of mail with so many messages of the last 90 days, nine in ten of them sent or delivered, and the counts of their hours. */
export async function fillMails(server: BenchServer, count: number): Promise<void> {
  const db = server.ownerDb;
  const now = Date.now();
  for (let back = 4; back >= 0; back--) await createMailPartitions(db, now - back * 30 * DAY_MS);
  const { rows } = await db.query<{ id: number }>("select id from workspace where slug = 'main'");
  const workspaceId = rows[0]?.id ?? 0;
  const indexes = await dropIndexes(server);
  for (let first = 0; first < count; first += PIECE) {
    const last = Math.min(count, first + PIECE) - 1;
    await db.query(fillStatement, [workspaceId, now - DAYS * DAY_MS, count, first, last, templates]);
    console.log(`         ${(last + 1).toLocaleString("en")} mails stored`);
  }
  await db.query(
    `insert into mail_hour (workspace_id, hour, template, domain, queued, sent, failed, bounced, delivered, complained, suppressed)
     select workspace_id, date_trunc('hour', queued_at), template, to_domain, count(*), count(*) filter (where status = 1), count(*) filter (where status = 2),
       count(*) filter (where status = 3), count(*) filter (where status = 4), count(*) filter (where status = 5),
       count(*) filter (where status = 6)
     from mail_message where workspace_id = $1 group by 1, 2, 3, 4 order by 2, 3, 4`,
    [workspaceId],
  );
  await db.query("set maintenance_work_mem = '512MB'");
  for (const statement of indexes) await db.query(statement);
  await db.query("vacuum (analyze) mail_message, mail_text, mail_hour, mail_hour_template, mail_day_domain");
}

/** Indexes are built at the end: a hundred million entries one by one take an hour. Gives the statements that make them again. */
async function dropIndexes({ ownerDb: db }: BenchServer): Promise<string[]> {
  const { rows } = await db.query<{ name: string; statement: string }>(
    `select indexname as name, indexdef as statement from pg_indexes
      where tablename in ('mail_message', 'mail_text') and indexdef not like 'CREATE UNIQUE%'`,
  );
  await db.query(`drop index ${rows.map(({ name }) => name).join(", ")}`);
  return rows.map(({ statement }) => statement.replace(" ON ONLY ", " ON "));
}

/** Three in ten addresses are at one provider, two at another, the rest at 1,998 domains. Draws by multiplication: the same each time. */
const fillStatement = `
  with drawn as (
    select n, $2::bigint + (n::numeric / $3 * ${DAYS * DAY_MS})::bigint as ms,
      (n::bigint * 7919 % ${ADDRESSES})::int as person, (n::bigint * 2654435761 % 1000003)::int / 1000003.0 as fate,
      (n::bigint * 40503 % 999983)::int / 999983.0 as which from generate_series($4::int, $5::int) as n),
  made as (
    select *, ($6::text[])[1 + floor(which * which * 21)::int] as template, 'srv-' || n % 60000 as server,
      case when person % 10 < 3 then 'bigmail.example' when person % 10 < 5 then 'othermail.example' else 'mx' || person % ${DOMAINS - 2} || '.example' end as domain,
      case when fate < 0.45 then 1 when fate < 0.9 then 4 when fate < 0.93 then 2 when fate < 0.97 then 3 when fate < 0.973 then 5
        when fate < 0.998 then 6 else 2 end as status from drawn),
  named as (
    select *, (lpad(to_hex(ms), 12, '0') || '7' || lpad(to_hex(n % 4096), 3, '0') || '8' || lpad(to_hex(n / 4096), 15, '0'))::uuid as id,
      'user' || person || '@' || domain as address,
      case status when 2 then (array['refused', 'spam_refused', 'expired', 'connect'])[1 + n % 4]
        when 3 then (array['recipient_refused', 'mailbox_full'])[1 + n % 2] when 5 then 'complaint' when 6 then 'suppressed' end as class
      from made),
  told as (
    select *, case class when 'mailbox_full' then '552 5.2.2 mailbox full' when 'recipient_refused' then '550 5.1.1 no such user'
        when 'spam_refused' then '554 5.7.1 message looks like spam' when null then null
        else case when status in (1, 4) then '250 2.0.0 queued as ' || to_hex(n) end end as answer from named),
  words as (
    insert into mail_text (workspace_id, message_id, body)
    select $1, id, 'Your ' || replace(template, '-', ' ') || ' no ' || n || ' for ' || server || ' ' || template || ' ' || address
      || ' User ' || person || ' billing@host.example ' || coalesce(answer, '') || ' ' || id from told)
  insert into mail_message (workspace_id, id, status, delivery, template, template_version, locale, subject, from_address, from_name, to_address,
    to_key, to_domain, to_name, user_id, user_name, target_keys, targets, message_id, queue_id, queued_at, sent_at, settled_at, attempts, class,
    answer, transport, happenings, size_bytes)
  select $1, id, status, case when n % 20 = 0 then 1 when n % 50 = 1 then 2 else 0 end, template, 0, 'en',
    'Your ' || replace(template, '-', ' ') || ' no ' || n || ' for ' || server, 'billing@host.example', 'Heronfield Hosting', address, address,
    domain, 'User ' || person, person::text, 'User ' || person, array['server/' || server],
    jsonb_build_array(jsonb_build_object('type', 'server', 'id', server)), id || '@host.example', to_hex(n), to_timestamp(ms / 1000.0),
    case when status <> 6 then to_timestamp(ms / 1000.0 + 1) end, to_timestamp(ms / 1000.0 + 1 + n % 300), 1, class, answer,
    case when n % 300 = 0 then 'backup' else 'main' end, 3, 9000 + n % 4000
  from told`;

/** The page of the mail log over HTTP, by filters, each with its second page; the counts of the charts; a page of one address. */
export async function timeMailPages(server: BenchServer, size: string): Promise<Figure[]> {
  const then = new Date(Date.now() - 14 * DAY_MS).toISOString();
  const times = new Map<string, number[]>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const question of questions) {
      const query = asked(question, round, then);
      const { ms, cursor } = await timed(server, `/mail/messages?${query}`);
      const own = times.get(question) ?? [];
      times.set(question, own);
      if (round > 0) own.push(ms);
      if (round > 0 && cursor !== null) own.push((await timed(server, `/mail/messages?${query}&cursor=${cursor}`)).ms);
    }
  }
  console.table(
    [...times].map(([question, all]) => ({
      question,
      p50: round(percentile(all, 0.5)),
      p95: round(percentile(all, 0.95)),
    })),
  );
  const all = [...times.values()].flat();
  const [p50, p95] = [percentile(all, 0.5), percentile(all, 0.95)];
  const charts: number[] = [];
  const address: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    charts.push((await timed(server, "/mail/stats")).ms);
    address.push((await timed(server, `/mail/addresses/user${round * 10}@bigmail.example`)).ms);
  }
  return [
    {
      what: `page of the mail log, ${size}, p95 (p50) over ${questions.length} filters`,
      measured: `${round(p95)} ms (${round(p50)} ms)`,
      wanted: "100 ms",
      met: p95 < 100,
    },
    figure(`charts of mail over seven days, ${size}, p95`, percentile(charts, 0.95), 300),
    figure(`page of an address at the largest domain, ${size}, p95`, percentile(address, 0.95), 300),
  ];
}

/** People whose number ends in 7 have an address at a domain of their own, see the statement above. */
function asked(question: string, round: number, then: string): string {
  const n = (round * 37 + 11) % 190;
  const person = n * 1_000 + 7;
  return question
    .replaceAll("{n}", `${n}`)
    .replaceAll("{person}", `${person}`)
    .replaceAll("{domain}", `${person % (DOMAINS - 2)}`)
    .replaceAll("{then}", then);
}

const figure = (what: string, ms: number, most: number): Figure => ({
  what,
  measured: `${round(ms)} ms`,
  wanted: `${most} ms`,
  met: ms < most,
});

async function timed(server: BenchServer, path: string): Promise<{ ms: number; cursor: string | null }> {
  const started = performance.now();
  const response = await fetch(`${server.base}${path}`, { headers: { authorization: `Bearer ${server.key}` } });
  const body = (await response.json()) as { nextCursor?: string | null };
  if (response.status !== 200) throw new Error(`${path}: ${JSON.stringify(body)}`);
  return { ms: performance.now() - started, cursor: body.nextCursor ?? null };
}
