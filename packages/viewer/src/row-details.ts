import type { Change, Json, ViewerEvent } from "@daybook/contract";
import { element } from "./dom.ts";
import { exactTime } from "./moment-text.ts";
import type { Telling } from "./row.ts";
import { humanise, type Strings } from "./strings.ts";

/** What a row opens to: when, who, targets, why and where from; each change as old → new; the details. */
export function rowDetails(event: ViewerEvent, telling: Telling, actor: string): DocumentFragment {
  const { strings, locale } = telling;
  const targets = event.targets.map(({ type, id, name }) => `${humanise(type)} ${name ?? id}`).join(", ");
  const from = [event.ip, event.country, event.network, event.browser, event.os].filter(Boolean).join(" · ");
  const facts = element("dl", { part: "facts" });
  const add = (name: string, value: string | undefined): void => {
    if (value) facts.append(element("dt", { text: name }), element("dd", { text: value }));
  };
  add(strings.when, exactTime(Date.parse(event.occurredAt), locale));
  add(strings.who, actor);
  add(strings.what, event.action);
  add(strings.targets, targets);
  add(strings.reason, event.reason === undefined ? undefined : humanise(event.reason));
  add(strings.from, from);
  const made = document.createDocumentFragment();
  made.append(facts);
  if (event.changes?.length) made.append(changesTable(event.changes, strings));
  const details = Object.entries(event.details ?? {});
  if (details.length > 0) {
    const list = element("dl", { part: "facts" });
    for (const [name, value] of details)
      list.append(element("dt", { text: humanise(name) }), element("dd", { text: valueText(value) }));
    made.append(element("p", { class: "heading", text: strings.details }), list);
  }
  return made;
}

function changesTable(changes: readonly Change[], strings: Strings): HTMLElement {
  const heading = (text: string) => element("th", { text, attributes: { scope: "col" } });
  const body = element("tbody");
  for (const change of changes) {
    const row = element("tr", {}, element("th", { text: humanise(change.field), attributes: { scope: "row" } }));
    if (change.changed) row.append(element("td", { text: strings.changed, attributes: { colspan: "2" } }));
    else
      row.append(
        element("td", { class: "old", text: valueText(change.old) || strings.none }),
        element(
          "td",
          { class: "new" },
          element("span", { text: "→ ", attributes: { "aria-hidden": "true" } }),
          valueText(change.new) || strings.none,
        ),
      );
    body.append(row);
  }
  const head = element("tr", {}, heading(strings.field), heading(strings.old), heading(strings.new));
  return element(
    "table",
    { part: "changes" },
    element("caption", { text: strings.changes }),
    element("thead", {}, head),
    body,
  );
}

function valueText(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
