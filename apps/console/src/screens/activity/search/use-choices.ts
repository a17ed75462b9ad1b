import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useDeferredValue, useMemo } from "react";
import { count } from "../../../lib/numbers.ts";
import { asksServer, type Choice, fixedValueChoices, keyChoices, type Place, valueChoice } from "./completion.ts";
import { suggestionsQuery } from "./suggestions.ts";

const CHOICES_MAX = 12;

/** The completion list for a place of the text: keys and fixed values at once, values of the log when they arrive. */
export function useChoices(workspace: string, place: Place | null): Choice[] {
  const asked = useDeferredValue(place);
  const ask = asked?.kind === "value" && asksServer(asked.key);
  const found = useQuery({
    ...suggestionsQuery(workspace, ask ? asked.key : "", ask ? asked.prefix : ""),
    enabled: ask,
    placeholderData: keepPreviousData,
  });
  const items = ask ? found.data?.items : undefined;
  return useMemo(() => {
    if (!place) return [];
    if (place.kind === "key") return keyChoices(place.prefix);
    const known = fixedValueChoices(place.key, place.prefix);
    const typed = place.prefix.toLowerCase();
    const fromLog = (items ?? [])
      .filter((item) => `${item.value} ${item.label ?? ""}`.toLowerCase().includes(typed))
      .map((item) =>
        valueChoice(item.value, [item.label, item.events && count(item.events)].filter(Boolean).join(" · ")),
      );
    return [...fromLog, ...known.filter((each) => !fromLog.some((other) => other.label === each.label))].slice(
      0,
      CHOICES_MAX,
    );
  }, [place, items]);
}
