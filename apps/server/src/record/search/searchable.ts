import { AppError, type KeyTerm, patternsOf, type Query, type QueryKey, type Term } from "@daybook/contract";
import { isPersonalName } from "../personal.ts";
import type { Sight } from "../sight.ts";
import { checkCustomerQuery } from "../viewer/customer-condition.ts";

/** Keys whose values are personal data. */
const personalKeys: ReadonlySet<QueryKey> = new Set(["ip", "session"]);
/** Keys whose values may be e-mail addresses. */
const partyKeys: ReadonlySet<QueryKey> = new Set(["actor", "behalf", "target", "party", "owner"]);

/** Throws forbidden (customers: invalid_query) when a query asks for what is not in sight: a value that cannot be read must not be found either. */
export function checkSearchable(query: Query, sight: Sight): void {
  if (sight.customer !== undefined) checkCustomerQuery(query, sight.customer);
  else if (!sight.personal) for (const term of query.terms) checkPersonal(term);
}

/** The same for a field that events are counted by. `path` of details. */
export function checkCountable(key: QueryKey, path: string, sight: Sight): void {
  if (sight.personal) return;
  if (personalKeys.has(key)) throw personalFault(`counted by ${key}`);
  if (key === "details" && namesPersonal(path)) throw personalFault(`counted by details.${path}`);
}

function checkPersonal(term: Term): void {
  if (term.type === "text") {
    if (term.pattern.some((part) => part.includes("@"))) throw personalFault("searched for e-mail addresses");
  } else if (personalKeys.has(term.key)) {
    throw personalFault(`searched by ${term.key}`);
  } else if (term.key === "details" && namesPersonal(term.path)) {
    throw personalFault(`searched by details.${term.path}`);
  } else if (partyKeys.has(term.key) && hasAt(term)) {
    throw personalFault("searched for e-mail addresses");
  }
}

const hasAt = (term: KeyTerm): boolean =>
  patternsOf(term).some((pattern) => pattern.some((part) => part.includes("@")));
const namesPersonal = (path: string): boolean => path.split(".").some(isPersonalName);

function personalFault(what: string): AppError {
  return new AppError("forbidden", `The record cannot be ${what} without the permission logs.personal.`, {
    extra: { permission: "logs.personal" },
  });
}
