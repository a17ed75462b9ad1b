import type { ViewerEvent } from "@daybook/contract";
import { element } from "./dom.ts";
import { relativeTime, shortTime } from "./moment-text.ts";
import { rowDetails } from "./row-details.ts";
import { humanise, type Strings } from "./strings.ts";

export interface Telling {
  strings: Strings;
  locale: string | undefined;
}

/** One event: a button that tells it in a line, and what it opens to. */
export function eventRow(event: ViewerEvent, telling: Telling, isFresh: boolean): HTMLLIElement {
  const id = `event-${event.id}`;
  const ms = Date.parse(event.occurredAt);
  const time = element(
    "span",
    { part: "time" },
    element("time", { text: relativeTime(ms, Date.now(), telling.locale), attributes: { datetime: event.occurredAt } }),
    element("span", { part: "exact", text: shortTime(ms, telling.locale), attributes: { "aria-hidden": "true" } }),
  );
  const { type, name } = whoDid(event, telling.strings);
  const head = element(
    "button",
    { part: "row", attributes: { type: "button", "aria-expanded": "false", "aria-controls": id } },
    time,
    element("span", { part: "actor", class: `actor ${type}`, text: name }),
    element("span", { part: "sentence" }, ...sentence(event, name)),
    element("span", { part: "target", text: targetName(event) }),
    outcomeMark(event, telling.strings),
  );
  const details = element("div", { part: "details", attributes: { id } });
  details.hidden = true;
  head.addEventListener("click", () => {
    if (details.childElementCount === 0) details.append(rowDetails(event, telling, name));
    details.hidden = !details.hidden;
    head.setAttribute("aria-expanded", String(!details.hidden));
  });
  return element("li", { part: "entry", class: isFresh ? "entry fresh" : "entry" }, head, details);
}

/** Brings the relative times of rows up to date. */
export function refreshTimes(list: HTMLElement, locale: string | undefined): void {
  for (const time of list.querySelectorAll<HTMLTimeElement>("time")) {
    const text = relativeTime(Date.parse(time.dateTime), Date.now(), locale);
    if (time.textContent !== text) time.textContent = text;
  }
}

/** Arrow keys, Home and End go from row to row. */
export function moveFocus(list: HTMLElement, event: KeyboardEvent): void {
  const rows = [...list.querySelectorAll<HTMLElement>("button.row")];
  const at = rows.indexOf(event.target as HTMLElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
  if (at < 0 || to === undefined) return;
  event.preventDefault();
  rows[to]?.focus();
}

function whoDid(event: ViewerEvent, strings: Strings): { type: string; name: string } {
  const type = event.actor?.type ?? "system";
  const name = event.actor?.name ?? strings[type];
  return { type: event.own ? "own" : type, name: event.own && event.actor?.name === undefined ? strings.you : name };
}

/** The summary without its actor, who stands beside it, and with the main target marked. */
function sentence(event: ViewerEvent, actor: string): (Node | string)[] {
  const { summary } = event;
  const said = summary.startsWith(`${actor} `) ? summary.slice(actor.length + 1) : summary;
  const target = targetName(event);
  const at = target === "" ? -1 : said.lastIndexOf(target);
  if (at < 0) return [said];
  return [said.slice(0, at), element("b", { text: target }), said.slice(at + target.length)];
}

function targetName(event: ViewerEvent): string {
  const [target] = event.targets;
  return target === undefined ? "" : (target.name ?? `${humanise(target.type)} ${target.id}`);
}

function outcomeMark({ outcome }: ViewerEvent, strings: Strings): HTMLElement {
  const mark = { success: "✓", failure: "✕", denied: "⊘" }[outcome];
  return element(
    "span",
    { part: "outcome", class: `outcome ${outcome}` },
    element("span", { text: mark, attributes: { "aria-hidden": "true" } }),
    ` ${strings[outcome]}`,
  );
}
