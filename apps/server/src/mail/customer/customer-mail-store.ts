import type { ViewerScope } from "@daybook/contract";
import type { Pool } from "pg";
import { timeOfId } from "../../record/event-time.ts";
import { Parameters } from "../../record/search/parameters.ts";
import { keysOf, targetsOf, usersOf } from "../../tasks/customer/customer-tasks.ts";
import { firstIdOf } from "../../tasks/spans.ts";
import { type MailRow, mailColumns } from "../mail-row.ts";
import { shippedTemplates } from "../templates/shipped/shipped-set.ts";

export interface CustomerMailQuestion {
  workspaceId: number;
  scope: ViewerScope;
  target?: { type: string; id: string } | undefined;
  /** Mails before this one, which is the last of a page. */
  before?: string | undefined;
  limit: number;
}

/** Looked through first: a page of who gets many mails is there already, and who gets few is found fast in all of them. */
const RECENT_MS = 30 * 86_400_000;

/** The customer's mails, the newest first: of the days before the place where the page begins, else of all time. */
export async function listCustomerMails(db: Pool, question: CustomerMailQuestion, nowMs: number): Promise<MailRow[]> {
  const { before, limit } = question;
  const fromMs = ((before === undefined ? null : timeOfId(before)) ?? nowMs) - RECENT_MS;
  const recent = await findCustomerMails(db, question, firstIdOf(fromMs));
  return recent.length === limit ? recent : findCustomerMails(db, question, undefined);
}

/**
 * What is in sight is a part of the statement.
 *  1. Each part of the scope finds its candidates by its own index: together they would be looked for in all mails.
 *  2. The exact condition decides: a key of the index is a text, and two targets may have the same.
 */
async function findCustomerMails(
  db: Pool,
  question: CustomerMailQuestion,
  since: string | undefined,
): Promise<MailRow[]> {
  const parameters = new Parameters();
  const workspace = parameters.add(question.workspaceId);
  const rest = restOf(question, parameters) + (since === undefined ? "" : ` and id >= ${parameters.add(since)}`);
  const limit = parameters.add(question.limit);
  const { byTargets, others } = partsOf(question.scope, parameters);
  const of = (test: string): string =>
    `select id from mail_message where workspace_id = ${workspace} and ${test}${rest}`;
  const candidates = [
    ...(byTargets === undefined ? [] : [`(${of(byTargets)})`]),
    ...others.map((test) => `(${of(test)} order by id desc limit ${limit})`),
  ];
  if (candidates.length === 0) return [];
  const { rows } = await db.query<MailRow>(
    `with candidates as materialized (${candidates.join(" union ")})
     select ${mailColumns} from mail_message
     where workspace_id = ${workspace} and id in (select id from candidates)
     order by id desc limit ${limit}`,
    parameters.values,
  );
  return rows;
}

/** For some customer, and not to the address of somebody on the staff. */
const forCustomers = "user_id is not null and not exists (select from staff where lower(email) = to_key)";

/** What brings mails into sight, see `isMailInSight`. */
function partsOf(scope: ViewerScope, parameters: Parameters): { byTargets: string | undefined; others: string[] } {
  const keys = keysOf(scope);
  const others: string[] = [];
  const users = usersOf(scope);
  if (users.length > 0) others.push(`user_id = any(${parameters.add(users)}::text[])`);
  if (scope.project !== undefined) others.push(`project = ${parameters.add(scope.project)} and ${forCustomers}`);
  if (keys.length === 0) return { byTargets: undefined, others };
  const owned = scope.ownerId === undefined ? [] : [{ ownerId: scope.ownerId }];
  const wanted = [...targetsOf(scope).map(({ type, id }) => ({ type, id })), ...owned];
  const exact = parameters.add(wanted.map((target) => JSON.stringify([target])));
  return {
    byTargets: `target_keys && ${parameters.add(keys)}::text[] and targets @> any(${exact}::jsonb[]) and ${forCustomers}`,
    others,
  };
}

function restOf({ target, before }: CustomerMailQuestion, parameters: Parameters): string {
  let tests = "";
  if (before !== undefined) tests += ` and id < ${parameters.add(before)}`;
  if (target !== undefined) tests += ` and targets @> ${parameters.add(JSON.stringify([target]))}::jsonb`;
  return tests;
}

/** What templates are called, by name: as this workspace calls them, else as they are shipped. */
export async function titlesOf(
  db: Pool,
  workspaceId: number,
  rows: readonly MailRow[],
): Promise<ReadonlyMap<string, string>> {
  const names = [...new Set(rows.flatMap(({ template }) => template ?? []))];
  if (names.length === 0) return new Map();
  const { rows: changed } = await db.query<{ name: string; title: string | null }>(
    "select name, settings ->> 'title' as title from mail_template where workspace_id = $1 and name = any($2)",
    [workspaceId, names],
  );
  const own = new Map(changed.map(({ name, title }) => [name, title]));
  return new Map(
    names.flatMap((name) => {
      const title = own.get(name) ?? shippedTemplates.get(name)?.title;
      return title === undefined ? [] : [[name, title]];
    }),
  );
}
