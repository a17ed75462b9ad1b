import { AppError, type MailAddressPage, type MailClass, type MailRates, mailAddress } from "@daybook/contract";
import type { Pool } from "pg";
import type { Querier } from "../../access/staff-store.ts";
import { reading, SEARCH_MS_MAX } from "../../record/search/reading.ts";
import { firstIdOf } from "../../tasks/spans.ts";
import { addressKey, domainOf, toMail } from "../mail-row.ts";
import { findSuppression } from "../suppression/suppression-store.ts";
import { answerOf } from "./address-answer.ts";
import { mailCondition } from "./mail-condition.ts";
import { readMails } from "./mail-list.ts";
import { ratesOf, readDomainRates } from "./mail-stats.ts";

const DAY_MS = 86_400_000;
/** How far back the health of a domain looks. */
const DOMAIN_DAYS = 30;
/** Of a large domain the newest mails with trouble are counted by class: they say what is the matter now. */
const CLASSES_OF_MAX = 20_000;

interface TotalsRow extends MailRates {
  first_at: Date | null;
  last_at: Date | null;
  delivered_at: Date | null;
}

/** Everything about one address. Throws invalid_request for what is no address. */
export async function readAddressPage(
  db: Pool,
  workspaceId: number,
  text: string,
  nowMs: number,
): Promise<MailAddressPage> {
  const address = addressKey(text);
  if (!mailAddress.safeParse(address).success)
    throw new AppError("invalid_request", `"${text}" is not a mail address such as dana@acme.example.`);
  const domain = domainOf(address);
  const fromMs = nowMs - DOMAIN_DAYS * DAY_MS;
  return reading(db, SEARCH_MS_MAX, async (client) => {
    const totals = await readTotals(client, workspaceId, address);
    const wheres = [mailCondition(workspaceId, { address })];
    const [last] = await readMails(client, { wheres, words: [], personal: true, before: undefined }, 1);
    const suppression = await findSuppression(client, workspaceId, address);
    const facts = { address, last: last && toMail(last), suppression, nowMs };
    return {
      address,
      ...(suppression === undefined ? {} : { suppression }),
      totals: ratesOf(totals),
      ...times({ firstAt: totals?.first_at, lastAt: totals?.last_at, lastDeliveredAt: totals?.delivered_at }),
      answer: answerOf(facts),
      domain: {
        domain,
        days: DOMAIN_DAYS,
        totals: await readDomainRates(client, workspaceId, domain, fromMs),
        classes: await readClasses(client, workspaceId, domain, fromMs),
      },
    };
  });
}

/** Counted as the hours are: each mail by the status that it has now. */
async function readTotals(db: Querier, workspaceId: number, key: string): Promise<TotalsRow | undefined> {
  const { rows } = await db.query<TotalsRow>(
    `select count(*)::int as queued, count(*) filter (where status = 1)::int as sent,
       count(*) filter (where status = 2)::int as failed, count(*) filter (where status = 3)::int as bounced,
       count(*) filter (where status = 4)::int as delivered, count(*) filter (where status = 5)::int as complained,
       count(*) filter (where status = 6)::int as suppressed, min(queued_at) as first_at, max(queued_at) as last_at,
       max(settled_at) filter (where status = 4) as delivered_at
     from mail_message where workspace_id = $1 and to_key = $2`,
    [workspaceId, key],
  );
  return rows[0];
}

async function readClasses(
  db: Querier,
  workspaceId: number,
  domain: string,
  fromMs: number,
): Promise<MailAddressPage["domain"]["classes"]> {
  const { rows } = await db.query<{ class: MailClass; count: number }>(
    `select class, count(*)::int as count from (
       select class from mail_message where workspace_id = $1 and to_domain = $2 and id >= $3 and class is not null
        order by id desc limit ${CLASSES_OF_MAX}) as newest
     group by class order by count desc, class`,
    [workspaceId, domain, firstIdOf(fromMs)],
  );
  return rows;
}

function times<T extends Record<string, Date | null | undefined>>(given: T): { [K in keyof T]?: string } {
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, time]) => (time ? [[name, time.toISOString()]] : [])),
  ) as { [K in keyof T]?: string };
}
