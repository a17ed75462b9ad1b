import { AppError, limits, type MailFilter } from "@daybook/contract";
import type { Pool } from "pg";
import type { Querier } from "../../access/staff-store.ts";
import { reading, SEARCH_MS_MAX } from "../../record/search/reading.ts";
import { firstIdOf, type Span, spansOf } from "../../tasks/spans.ts";
import { type MailRow, mailColumns } from "../mail-row.ts";
import { alternativesOf, checkSearchable, type MailWhere, mailCondition, wordsOf } from "./mail-condition.ts";
import { findByWords, within } from "./mail-words.ts";

/** A page of mails, the newest first. */
export interface MailPage {
  rows: MailRow[];
  nextCursor: string | null;
  total: MailTotal;
}

export interface MailTotal {
  value: number;
  relation: "eq" | "gte";
}

export interface MailQuestion {
  filter: MailFilter;
  limit: number;
  cursor?: string | undefined;
  /** Whether personal data is seen, and so may be searched. */
  personal: boolean;
}

/**
 * The mails that a filter finds. Ids are in the order of time, so the id of the last row is where the next page begins; the total is
 * counted for the first page and goes along in the cursor. Throws forbidden, invalid_cursor, invalid_request, search_timeout.
 */
export async function listMails(db: Pool, workspaceId: number, question: MailQuestion): Promise<MailPage> {
  const { limit, filter, personal } = question;
  checkSearchable(filter, personal);
  const place = question.cursor === undefined ? undefined : placeOf(question.cursor);
  const wheres = alternativesOf(filter).map((each) => mailCondition(workspaceId, each));
  const words = wordsOf(filter);
  const { rows, counted } = await reading(db, SEARCH_MS_MAX, async (client) => {
    const wanted = { wheres, words, personal, before: place?.before };
    const found = await readMails(client, wanted, limit + 1);
    const isNeeded = place === undefined && found.length > limit && words.length === 0;
    return { rows: found, counted: isNeeded ? await countMails(client, wheres) : place?.total };
  });
  const more = rows.length > limit;
  const page = rows.slice(0, limit);
  const total = words.length > 0 || counted === undefined ? soFar(place, page.length, more) : counted;
  const last = page.at(-1);
  return { rows: page, nextCursor: more && last !== undefined ? cursorOf(last.id, total) : null, total };
}

/** Of words it is only known how many were found on the pages up to this one. */
function soFar(place: Place | undefined, found: number, more: boolean): MailTotal {
  return { value: (place?.total.value ?? 0) + found, relation: more ? "gte" : "eq" };
}

/** What rows are read by: alternatives of which none finds what another does. */
export interface MailReading {
  wheres: readonly MailWhere[];
  words: readonly string[];
  personal: boolean;
  /** Only mails before this one. */
  before: string | undefined;
}

/** The newest mails. Months are read one after the other: a plan over all of them would look for the first row in each. */
export async function readMails(
  db: Querier,
  { wheres, words, personal, before }: MailReading,
  most: number,
): Promise<MailRow[]> {
  const rows: MailRow[] = [];
  const rare = new Set<MailWhere>();
  for (const span of withoutAhead(await spansOf(db, before, "mail_message"))) {
    if (rows.length >= most) break;
    const wanted = most - rows.length;
    const found: MailRow[] = [];
    for (const where of wheres) {
      if (words.length === 0) {
        found.push(...(await readSpan(db, within(where, span), wanted)));
        continue;
      }
      const how = { most: wanted, rare: rare.has(where) };
      const worded = await findByWords(db, where, span, { words, personal }, how);
      if (worded.rare) rare.add(where);
      found.push(...worded.rows);
    }
    if (wheres.length > 1) found.sort((a, b) => (a.id < b.id ? 1 : -1));
    rows.push(...found.slice(0, wanted));
  }
  return rows;
}

/** The months to come are empty and made ahead: they are read together with this one. */
function withoutAhead(spans: readonly Span[]): Span[] {
  const now = firstIdOf(Date.now());
  const begun = spans.filter(({ from }) => from === undefined || from <= now);
  return begun.map((span, at) => (at === 0 ? { ...span, before: spans[0]?.before } : span));
}

async function readSpan(db: Querier, { sql, parameters }: MailWhere, most: number): Promise<MailRow[]> {
  const { rows } = await db.query<MailRow>(
    `select ${mailColumns} from mail_message where ${sql} order by id desc limit ${most}`,
    [...parameters],
  );
  return rows;
}

async function countMails(db: Querier, wheres: readonly MailWhere[]): Promise<MailTotal> {
  let count = 0;
  for (const where of wheres) {
    if (count > limits.countLargeMax) break;
    const { rows } = await db.query<{ count: number }>(
      `select count(*) as count from (select from mail_message where ${where.sql} limit ${limits.countLargeMax + 1}) as found`,
      [...where.parameters],
    );
    count += rows[0]?.count ?? 0;
  }
  return count > limits.countLargeMax
    ? { value: limits.countLargeMax, relation: "gte" }
    : { value: count, relation: "eq" };
}

interface Place {
  before: string;
  total: MailTotal;
}

function cursorOf(id: string, { value, relation }: MailTotal): string {
  return Buffer.from(`${id} ${value} ${relation}`).toString("base64url");
}

function placeOf(cursor: string): Place {
  const text = Buffer.from(cursor, "base64url").toString();
  const found = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}) (\d{1,15}) (eq|gte)$/.exec(text);
  if (found?.[1] === undefined)
    throw new AppError("invalid_cursor", "The cursor is not one that a list of mails gave.");
  return { before: found[1], total: { value: Number(found[2]), relation: found[3] === "eq" ? "eq" : "gte" } };
}
