import type { Sight } from "../sight.ts";
import { customerCondition } from "../viewer/customer-condition.ts";
import type { Condition } from "./condition.ts";
import type { Parameters } from "./parameters.ts";

/** A sight that is limited to some events, as a condition over one row of `event`. */
export function sightCondition(sight: Sight, parameters: Parameters): Condition {
  const tests: string[] = [];
  if (sight.categories !== undefined) tests.push(`category = any(${parameters.add(sight.categories)}::text[])`);
  const customer = sight.customer === undefined ? undefined : customerCondition(sight.customer, parameters);
  if (customer !== undefined) return { ...customer, exact: [...tests, customer.exact].join(" and ") };
  return { exact: tests.join(" and ") || "true", probes: [], byTerms: false, byText: false };
}
