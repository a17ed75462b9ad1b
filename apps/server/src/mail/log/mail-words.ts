import type { Querier } from "../../access/staff-store.ts";
import { likePattern } from "../../record/search/parameters.ts";
import { rarePart } from "../../record/search/rare-part.ts";
import { GREATEST_ID, LEAST_ID, type Span } from "../../tasks/spans.ts";
import { type MailRow, mailColumns } from "../mail-row.ts";
import type { MailWhere } from "./mail-condition.ts";

/** Mails of a month whose words are read before the index of words is asked: first so many, then so many or more, never more at once. */
const NEAR_FIRST = 300;
const NEAR_MORE = 3_000;
const NEAR_MAX = 20_000;
/** Fewer hits among them say nothing about how many more there are. */
const HITS_MIN = 3;

/** Words that are looked for, and by whom. */
export interface Wanted {
  words: readonly string[];
  /** Without it only what its caller can read is looked into: no addresses, no names. */
  personal: boolean;
}

/** What of a mail is read by those who may not see personal data, see `forSight`. */
const shownText = `mask_personal(concat_ws(' ', id, subject, template, class, answer, user_id, user_name, transport, queue_id, project,
  array_to_string(target_keys, ' '), targets::text))`;

export interface Worded {
  rows: MailRow[];
  /** They are so rare that the index of words was asked. */
  rare: boolean;
}

/**
 * Mails of a month with all the words. They are read in the newest mails that fit everything else, in more of them as long as these hold
 * enough; only for words that are rarer the index of words is asked, which for a frequent one would find a great many. `rare`: it is known
 * from a later month that they are.
 */
export async function findByWords(
  db: Querier,
  where: MailWhere,
  span: Span,
  wanted: Wanted,
  { most, rare }: { most: number; rare: boolean },
): Promise<Worded> {
  const found: MailRow[] = [];
  let before = span.before;
  for (let look = rare ? 0 : NEAR_FIRST; look > 0; ) {
    const near = await readNear(db, where, { ...span, before }, wanted, look);
    found.push(...near.hits);
    if (found.length >= most || near.looked < look || near.lowest === null)
      return { rows: found.slice(0, most), rare: false };
    before = near.lowest;
    const { hits } = near;
    const needed =
      hits.length < HITS_MIN ? Number.POSITIVE_INFINITY : ((most - found.length) * look * 1.5) / hits.length;
    if (needed <= NEAR_MAX) look = Math.max(NEAR_MORE, Math.ceil(needed));
    else look = look === NEAR_FIRST ? NEAR_MORE : 0;
  }
  const rest = await readWorded(db, where, { ...span, before }, wanted, most - found.length);
  return { rows: [...found, ...rest], rare: true };
}

interface Near {
  hits: MailRow[];
  /** Mails that were looked at, and the last of them. */
  looked: number;
  lowest: string | null;
}

async function readNear(db: Querier, where: MailWhere, span: Span, wanted: Wanted, most: number): Promise<Near> {
  const near = within(where, span);
  const bind = binder(near.parameters);
  const patterns = patternsOf(wanted).map(bind);
  const [least, greatest] = [bind(span.from ?? LEAST_ID), bind(span.before ?? GREATEST_ID)];
  // Fenced look-ups one by one: the numbers of rows are known here and not to PostgreSQL, which would rather read the whole month.
  const bounds = (column: string): string => `${column} >= ${least} and ${column} < ${greatest}`;
  const { rows } = await db.query<MailRow & { looked: number; lowest: string | null }>(
    `with near as materialized (select id from mail_message where ${near.sql} order by id desc limit ${most}),
       hits as materialized (
         select near.id from near cross join lateral (
           select body from mail_text where workspace_id = $1 and message_id = near.id and ${bounds("message_id")} limit 1) as words
          where ${wordTest("body", patterns)}),
       seen as (select count(*) as looked, (select id from near order by id limit 1) as lowest from near),
       rows as (
         select found.* from hits cross join lateral (
           select ${mailColumns} from mail_message where workspace_id = $1 and id = hits.id and ${bounds("id")}
             ${shownTest(wanted, patterns)} limit 1) as found)
     select * from seen left join rows on true order by id desc`,
    near.parameters,
  );
  const [any] = rows;
  const hits = rows.filter((row) => row.id !== null);
  return { hits, looked: any?.looked ?? 0, lowest: any?.lowest ?? null };
}

async function readWorded(db: Querier, where: MailWhere, span: Span, wanted: Wanted, most: number): Promise<MailRow[]> {
  const far = within(where, span);
  const bind = binder(far.parameters);
  const patterns = patternsOf(wanted).map(bind);
  const rare = patternsOf({ ...wanted, words: wanted.words.map(rarePart) }).map(bind);
  const [least, greatest] = [bind(span.from ?? LEAST_ID), bind(span.before ?? GREATEST_ID)];
  // The whole words are compared where no index can be asked for them, and each mail is looked up by itself: PostgreSQL thinks of words as
  // far more frequent than they are, and would read all mails of the month.
  const { rows } = await db.query<MailRow>(
    `with worded as materialized (
       select message_id from mail_text where workspace_id = $1 and ${wordTest("body", rare)}
         and ${wordTest("(body || '')", patterns)} and message_id >= ${least} and message_id < ${greatest} offset 0)
     select found.* from worded cross join lateral (
       select ${mailColumns} from mail_message where ${far.sql} and id = worded.message_id ${shownTest(wanted, patterns)} limit 1) as found
      order by id desc limit ${most}`,
    far.parameters,
  );
  return rows;
}

/** A condition limited to a stretch of ids; its parameters may be added to. */
export function within(where: MailWhere, { from, before }: Span): { sql: string; parameters: unknown[] } {
  const parameters = [...where.parameters];
  const bind = binder(parameters);
  const tests = [where.sql];
  if (from !== undefined) tests.push(`id >= ${bind(from)}`);
  if (before !== undefined) tests.push(`id < ${bind(before)}`);
  return { sql: tests.join(" and "), parameters };
}

const binder =
  (parameters: unknown[]) =>
  (value: unknown): string =>
    `$${parameters.push(value)}`;

const patternsOf = ({ words }: Wanted): string[] => words.map((word) => `%${likePattern([word])}%`);

/** That a text has each of the words. */
function wordTest(column: string, patterns: readonly string[]): string {
  return `(${patterns.map((pattern) => `${column} ilike ${pattern}`).join(" and ")})`;
}

function shownTest({ personal }: Wanted, patterns: readonly string[]): string {
  return personal ? "" : `and ${wordTest(shownText, patterns)}`;
}
