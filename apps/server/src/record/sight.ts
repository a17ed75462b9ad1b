import type { CustomerSight } from "./viewer/customer-sight.ts";

/**
 * What a caller may see of a workspace's record: which events, and which of their fields. It goes into the plan of every
 * search (`SearchScope.sight`), so that lists, counts, facets, streams and exports are all limited inside the query.
 */
export interface Sight {
  /** Only events of these categories; left out, of every category. */
  categories?: readonly string[];
  /** Whether personal fields (e-mail addresses, IP addresses, user agents, session ids) are shown and can be searched. */
  personal: boolean;
  /** What one customer may see: the sight of a viewer token. */
  customer?: CustomerSight;
}

/** Everything of the workspace: owners, auditors, the command line. */
export const fullSight: Sight = { personal: true };

/** Whether every event of the workspace may be seen. Only then the counts kept of the whole workspace may be used. */
export const seesEveryEvent = (sight: Sight): boolean => sight.categories === undefined && sight.customer === undefined;

/** Whether events and fields are all in sight: nothing is to be tested or masked. */
export const seesEverything = (sight: Sight): boolean => seesEveryEvent(sight) && sight.personal;

/** A text that is the same for equal sights: what is made for one sight is never given to another. */
export function sightKey(sight: Sight): string {
  if (seesEverything(sight)) return "";
  return JSON.stringify([sight.categories ?? null, sight.personal, sight.customer?.key ?? null]);
}
