import { AppError, type ViewerScope } from "@daybook/contract";
import type { Pool } from "pg";
import { timeOfId } from "../../record/event-time.ts";
import { Parameters } from "../../record/search/parameters.ts";
import { firstIdOf } from "../spans.ts";
import { listColumns, type TaskRow } from "../task-row.ts";
import { keysOf, targetsOf, usersOf } from "./customer-tasks.ts";

export interface CustomerTaskQuestion {
  workspaceId: number;
  scope: ViewerScope;
  id?: string | undefined;
  target?: { type: string; id: string } | undefined;
  /** Tasks before this one, which is the last of a page. */
  before?: string | undefined;
  limit: number;
}

/** Looked through first: a page of who has many tasks is there already, and who has few is found fast in all of them. */
const RECENT_MS = 7 * 86_400_000;

/** The customer's tasks, the newest first: of the days before the place where the page begins, else of all time. */
export async function listCustomerTasks(db: Pool, question: CustomerTaskQuestion, nowMs: number): Promise<TaskRow[]> {
  const { before, limit } = question;
  const fromMs = ((before === undefined ? null : timeOfId(before)) ?? nowMs) - RECENT_MS;
  const recent = await findCustomerTasks(db, question, firstIdOf(fromMs));
  return recent.length === limit ? recent : findCustomerTasks(db, question, undefined);
}

/**
 * What is in sight is a part of the statement.
 *  1. Each part of the scope finds its candidates by its own index: together they would be looked for in all tasks.
 *  2. The exact condition decides: a key of the index is a text, and two targets may have the same.
 */
async function findCustomerTasks(
  db: Pool,
  question: CustomerTaskQuestion,
  since: string | undefined,
): Promise<TaskRow[]> {
  const parameters = new Parameters();
  const workspace = parameters.add(question.workspaceId);
  const rest = restOf(question, parameters) + (since === undefined ? "" : ` and id >= ${parameters.add(since)}`);
  const limit = parameters.add(question.limit);
  const { byTargets, others } = partsOf(question.scope, parameters);
  const of = (test: string): string => `select id from task where workspace_id = ${workspace} and ${test}${rest}`;
  const candidates = [
    ...(byTargets === undefined ? [] : [`(${of(byTargets)})`]),
    ...others.map((test) => `(${of(test)} order by id desc limit ${limit})`),
  ];
  if (candidates.length === 0) return [];
  const { rows } = await db.query<TaskRow>(
    `with candidates as materialized (${candidates.join(" union ")})
     select ${listColumns} from task
     where workspace_id = ${workspace} and id in (select id from candidates)
       and (${[byTargets, ...others].filter((test) => test !== undefined).join(" or ")})
     order by id desc limit ${limit}`,
    parameters.values,
  );
  return rows;
}

/** What brings tasks into sight, see `isTaskInSight`. */
function partsOf(scope: ViewerScope, parameters: Parameters): { byTargets: string | undefined; others: string[] } {
  const keys = keysOf(scope);
  const others: string[] = [];
  const users = usersOf(scope);
  if (users.length > 0) others.push(`user_id = any(${parameters.add(users)}::text[])`);
  if (scope.project !== undefined) others.push(`project = ${parameters.add(scope.project)}`);
  if (keys.length === 0) return { byTargets: undefined, others };
  const owned = scope.ownerId === undefined ? [] : [{ ownerId: scope.ownerId }];
  const wanted = [...targetsOf(scope).map(({ type, id }) => ({ type, id })), ...owned];
  const exact = parameters.add(wanted.map((target) => JSON.stringify([target])));
  return {
    byTargets: `(target_keys && ${parameters.add(keys)}::text[] and targets @> any(${exact}::jsonb[]))`,
    others,
  };
}

function restOf({ id, target, before }: CustomerTaskQuestion, parameters: Parameters): string {
  let tests = "";
  if (id !== undefined) tests += ` and id = ${parameters.add(id)}`;
  if (before !== undefined) tests += ` and id < ${parameters.add(before)}`;
  if (target !== undefined) tests += ` and targets @> ${parameters.add(JSON.stringify([target]))}::jsonb`;
  return tests;
}

/** One task. The same error for one that is not in sight as for one that does not exist. Throws not_found. */
export async function readCustomerTask(
  db: Pool,
  question: Omit<CustomerTaskQuestion, "limit"> & { id: string },
): Promise<TaskRow> {
  const [row] = await findCustomerTasks(db, { ...question, limit: 1 }, undefined);
  if (row === undefined) throw new AppError("not_found", `There is no task ${question.id}.`);
  return row;
}
