import type { Sight } from "../sight.ts";
import { termHash } from "../terms.ts";
import { customerCondition } from "../viewer/customer-condition.ts";
import type { Condition } from "./condition.ts";
import type { Parameters } from "./parameters.ts";

/** A sight that is limited to some events, as a condition over one row of `event`. */
export function sightCondition(sight: Sight, parameters: Parameters): Condition {
  const { categories, customer } = sight;
  if (customer !== undefined) return customerCondition(customer, parameters);
  if (categories === undefined) return { exact: "true", probes: [], byTerms: false, byText: false };
  const exact = `category = any(${parameters.add(categories)}::text[])`;
  const terms = parameters.add(categories.map((category) => termHash("category", category)));
  return { exact, probes: [`terms && (select ${terms}::int[])`], byTerms: true, byText: false };
}
