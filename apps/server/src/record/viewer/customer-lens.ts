import { compileQuery, formatQuery, type Query } from "@daybook/contract";
import type { Lens } from "../live/lens.ts";
import { checkSearchable } from "../search/searchable.ts";
import { customerTexts, isInSight } from "./customer-sight.ts";
import { askedEvent, shownEvent } from "./shown-event.ts";
import type { ViewerAccess } from "./viewer-access.ts";

/** What a customer sees of new events. Throws invalid_query for keys that customers cannot ask for. */
export function customerLens(query: Query, { sight, seal, tell }: ViewerAccess): Lens {
  checkSearchable(query, sight);
  const { customer } = sight;
  const matches = compileQuery(query, customerTexts(customer));
  return {
    key: `${customer.key} ${formatQuery(query)}`,
    sight,
    query,
    show: ({ event }) => {
      if (!isInSight(customer, event)) return undefined;
      const shown = shownEvent(customer, event, tell);
      return matches(askedEvent(shown)) ? JSON.stringify(shown) : undefined;
    },
    idOf: (seq) => seal.seal(String(seq)),
  };
}
