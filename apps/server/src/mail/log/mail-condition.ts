import {
  AppError,
  type MailFilter,
  mailClasses,
  mailDeliveries,
  mailFilterSchema,
  mailStatuses,
} from "@daybook/contract";
import { firstIdOf } from "../../tasks/spans.ts";
import { addressKey } from "../mail-row.ts";

/** A condition on rows of `mail_message`, the workspace in it as $1. */
export interface MailWhere {
  sql: string;
  parameters: readonly unknown[];
}

/** Alternatives of a filter that are asked one by one at most. */
const ALTERNATIVES_MAX = 12;
const listed = ["status", "template", "class", "delivery"] as const;

/**
 * A filter of several values as filters of one value each. Only then an index has the rows in the order of their ids; else PostgreSQL reads
 * mails of every kind until it has found enough, which for rare ones is all of them.
 */
export function alternativesOf(filter: MailFilter): MailFilter[] {
  let found: MailFilter[] = [filter];
  for (const name of listed) {
    const values = [...new Set(filter[name]?.split(",").map((value) => value.trim()) ?? [])];
    if (values.length > 1 && found.length * values.length <= ALTERNATIVES_MAX)
      found = found.flatMap((each) => values.map((value) => ({ ...each, [name]: value })));
  }
  return found;
}

/** What a filter asks of a row apart from its words. Throws invalid_request for values that there are not. */
export function mailCondition(workspaceId: number, filter: MailFilter): MailWhere {
  const parameters: unknown[] = [workspaceId];
  const tests = ["workspace_id = $1"];
  const bind = (value: unknown): string => `$${parameters.push(value)}`;
  const oneOf = (column: string, type: string, values: readonly unknown[]): void => {
    tests.push(
      values.length === 1 ? `${column} = ${bind(values[0])}::${type}` : `${column} = any(${bind(values)}::${type}[])`,
    );
  };
  const numbers = (names: readonly string[], text: string, what: string): number[] =>
    namesIn(names, text, what).map((name) => names.indexOf(name));
  const { status, template, address, delivery } = filter;
  if (status !== undefined) oneOf("status", "smallint", numbers(mailStatuses, status, "status"));
  if (delivery !== undefined) oneOf("delivery", "smallint", numbers(mailDeliveries, delivery, "delivery"));
  if (filter.class !== undefined) oneOf("class", "text", namesIn(mailClasses, filter.class, "class"));
  if (template !== undefined) oneOf("template", "text", valuesIn(template));
  if (filter.transport !== undefined) tests.push(`transport = ${bind(filter.transport)}`);
  if (filter.user !== undefined) tests.push(`user_id = ${bind(filter.user)}`);
  if (address !== undefined) tests.push(addressTest(address, bind));
  if (filter.target !== undefined) tests.push(`target_keys @> ${bind([filter.target])}::text[]`);
  if (filter.from !== undefined) tests.push(`id >= ${bind(firstIdOf(Date.parse(filter.from)))}`);
  if (filter.to !== undefined) tests.push(`id < ${bind(firstIdOf(Date.parse(filter.to)))}`);
  return { sql: tests.join(" and "), parameters };
}

function addressTest(text: string, bind: (value: unknown) => string): string {
  const key = addressKey(text);
  return key.startsWith("@") ? `to_domain = ${bind(key.slice(1))}` : `to_key = ${bind(key)}`;
}

const valuesIn = (text: string): string[] => [...new Set(text.split(",").map((value) => value.trim()))];

function namesIn(names: readonly string[], text: string, what: string): string[] {
  return valuesIn(text).map((name) => {
    if (names.includes(name)) return name;
    throw new AppError("invalid_request", `There is no ${what} "${name}"; there are ${names.join(", ")}.`);
  });
}

/** The words that a filter looks for: each must be there, in any case. */
export function wordsOf(filter: MailFilter): string[] {
  return [...new Set((filter.q ?? "").trim().split(/\s+/).filter(Boolean))];
}

/** Throws forbidden when a filter asks for what its caller may not see: what cannot be read must not be found either. */
export function checkSearchable(filter: MailFilter, personal: boolean): void {
  if (personal) return;
  if (filter.address !== undefined) throw personalFault("filtered by address");
  for (const name of ["q", "user", "target"] as const)
    if (filter[name]?.includes("@") === true) throw personalFault("searched for e-mail addresses");
}

function personalFault(what: string): AppError {
  return new AppError("forbidden", `The mail log cannot be ${what} without the permission logs.personal.`, {
    extra: { permission: "logs.personal" },
  });
}

/** The members of a query that are filters, as they were given. */
export function filterOf(query: MailFilter): MailFilter {
  const names = Object.keys(mailFilterSchema.shape) as (keyof MailFilter)[];
  return Object.fromEntries(
    names.flatMap((name) => (query[name] === undefined ? [] : [[name, query[name]]])),
  ) as MailFilter;
}
