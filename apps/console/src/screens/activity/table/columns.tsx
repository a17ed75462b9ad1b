import type { Change, Event, Json } from "@daybook/contract";
import { ActorMark, actorTypeName, Country, CountryInFull, OutcomePill } from "../../../ui/mark.tsx";
import { ShortTime } from "../../../ui/time.tsx";
import { actorName, rowSentence, targetName } from "../sentence.ts";
import { actorFilter, Sentence, targetFilter } from "./cells.tsx";

/** A column of the table: its head, its cell, and the term that `f` filters by. */
export interface Column {
  name: ColumnName;
  head: string;
  /** The least width in pixels, and its share of what is left. */
  width: number;
  grow: number;
  /** Where there is no room for all, the columns with the lowest number go first. */
  keep: number;
  cell: (event: Event) => React.ReactNode;
  filter: (event: Event) => { key: string; value: string } | null;
}

export const columnNames = [
  "time",
  "who",
  "what",
  "action",
  "target",
  "owner",
  "outcome",
  "change",
  "reason",
  "from",
  "ip",
  "country",
  "network",
  "browser",
  "method",
  "project",
  "category",
  "severity",
  "seq",
] as const;

export type ColumnName = (typeof columnNames)[number];

/** Every column that a log screen can have. */
export const columns: Record<ColumnName, Omit<Column, "name">> = {
  time: {
    head: "Time",
    width: 74,
    grow: 0,
    keep: 99,
    cell: (event) => <ShortTime at={event.occurredAt} />,
    filter: none,
  },
  who: { head: "Who", width: 120, grow: 0.6, keep: 90, cell: whoCell, filter: ({ actor }) => actorFilter(actor) },
  what: {
    head: "What",
    width: 220,
    grow: 2,
    keep: 100,
    cell: (event) => <Sentence pieces={rowSentence(event)} />,
    filter: (event) => ({ key: "action", value: event.action }),
  },
  action: {
    head: "Action",
    width: 180,
    grow: 0.5,
    keep: 50,
    cell: (event) => <code>{event.action}</code>,
    filter: (event) => ({ key: "action", value: event.action }),
  },
  target: { head: "Target", width: 130, grow: 0.7, keep: 60, cell: targetCell, filter: targetTerm },
  owner: {
    head: "Owner",
    width: 80,
    grow: 0.2,
    keep: 40,
    cell: (event) => <span className="mono">{mainTarget(event)?.ownerId}</span>,
    filter: (event) => termOf("owner", mainTarget(event)?.ownerId),
  },
  outcome: {
    head: "Outcome",
    width: 80,
    grow: 0,
    keep: 80,
    cell: (event) => <OutcomePill outcome={event.outcome} />,
    filter: (event) => ({ key: "outcome", value: event.outcome }),
  },
  change: {
    head: "Old → new",
    width: 190,
    grow: 1.4,
    keep: 55,
    cell: ({ changes }) => (changes?.[0] ? <ChangeCell first={changes[0]} others={changes.length - 1} /> : null),
    filter: ({ changes }) => termOf("field", changes?.[0]?.field),
  },
  reason: {
    head: "Reason",
    width: 110,
    grow: 0.4,
    keep: 58,
    cell: (event) => <span title={event.reason}>{(event.reason ?? "").replaceAll("_", " ")}</span>,
    filter: (event) => termOf("reason", event.reason),
  },
  from: {
    head: "From",
    width: 170,
    grow: 1.1,
    keep: 70,
    cell: ({ origin }) => (
      <>
        {origin.country ? <Country code={origin.country} /> : null}
        <span className="mono">{origin.ip}</span>
        {origin.network ? <span className="network faint">{origin.network}</span> : null}
      </>
    ),
    filter: ({ origin }) => termOf("ip", origin.ip),
  },
  ip: {
    head: "IP address",
    width: 130,
    grow: 0.2,
    keep: 75,
    cell: ({ origin }) => <span className="mono">{origin.ip}</span>,
    filter: ({ origin }) => termOf("ip", origin.ip),
  },
  country: { head: "Country", width: 112, grow: 0.3, keep: 54, cell: countryCell, filter: countryTerm },
  network: { head: "Network", width: 140, grow: 0.9, keep: 52, cell: networkCell, filter: networkTerm },
  browser: {
    head: "Browser and system",
    width: 130,
    grow: 0.6,
    keep: 45,
    cell: ({ origin }) => (
      <span title={origin.userAgent}>{[origin.browser, origin.os].filter(Boolean).join(" on ")}</span>
    ),
    filter: ({ origin }) => termOf("browser", origin.browser),
  },
  method: {
    head: "Method",
    width: 76,
    grow: 0,
    keep: 48,
    cell: ({ origin }) => (origin.auth ? methodNames[origin.auth] : null),
    filter: ({ origin }) => termOf("auth", origin.auth),
  },
  project: {
    head: "Project",
    width: 90,
    grow: 0.2,
    keep: 30,
    cell: ({ project }) => <span className="mono">{project}</span>,
    filter: ({ project }) => termOf("project", project),
  },
  category: {
    head: "Category",
    width: 90,
    grow: 0.1,
    keep: 31,
    cell: ({ category }) => category,
    filter: ({ category }) => termOf("category", category),
  },
  severity: {
    head: "Severity",
    width: 74,
    grow: 0,
    keep: 32,
    cell: ({ severity }) => severity,
    filter: ({ severity }) => termOf("severity", severity),
  },
  seq: {
    head: "Place",
    width: 84,
    grow: 0,
    keep: 20,
    cell: ({ seq }) => <span className="mono">{seq}</span>,
    filter: ({ seq }) => termOf("seq", String(seq)),
  },
};

const methodNames = { session: "panel", api_key: "API key", oauth: "OAuth", ssh: "SSH", cli: "shell" } as const;

function none(): null {
  return null;
}

function termOf(key: string, value: string | undefined): { key: string; value: string } | null {
  return value ? { key, value } : null;
}

function whoCell({ actor }: Event) {
  // The mark tells that it is a key; its name needs the room.
  const name = actor.type === "api_key" && actor.name ? actor.name : actorName(actor);
  return (
    <span className="actor" title={`${actorName(actor)}, ${actorTypeName(actor.type)}`}>
      <ActorMark actor={actor} />
      <span className="cut">{name}</span>
      <span className="only-read">({actorTypeName(actor.type)})</span>
    </span>
  );
}

/** What a row is about. Of a task's events that is what the task works on: the sentence names the task. */
function mainTarget({ targets }: Event): Event["targets"][number] | undefined {
  return targets.find(({ type }) => type !== "task") ?? targets[0];
}

function targetCell(event: Event) {
  const main = mainTarget(event);
  const others = event.targets.filter(({ type }) => type !== "task" || main?.type === "task").length - 1;
  return main ? (
    <span title={`${main.type} ${main.id}`}>
      <span className="soft">{main.type}</span> {targetName(main)}
      {others > 0 ? <span className="faint"> +{others}</span> : null}
    </span>
  ) : null;
}

function targetTerm(event: Event) {
  const main = mainTarget(event);
  return main ? targetFilter(main) : null;
}

function countryCell({ origin }: Event) {
  return origin.country ? <CountryInFull code={origin.country} /> : null;
}

function countryTerm({ origin }: Event) {
  return termOf("country", origin.country);
}

function networkCell({ origin }: Event) {
  return origin.asn || origin.network ? (
    <span title={[origin.asn && `AS${origin.asn}`, origin.network].filter(Boolean).join(" ")}>
      {origin.asn ? <span className="faint mono">AS{origin.asn} </span> : null}
      {origin.network}
    </span>
  ) : null;
}

function networkTerm({ origin }: Event) {
  return origin.asn ? termOf("asn", String(origin.asn)) : termOf("network", origin.network);
}

function ChangeCell({ first, others }: { first: Change; others: number }) {
  return (
    <span title={changeText(first)}>
      <span className="soft">{first.field}</span>{" "}
      {first.changed ? "changed" : `${shortText(first.old)} → ${shortText(first.new)}`}
      {others > 0 ? <span className="faint"> +{others}</span> : null}
    </span>
  );
}

function changeText({ field, old, new: next, changed }: Change): string {
  return changed ? `${field} was changed; the value is not kept` : `${field}: ${valueText(old)} → ${valueText(next)}`;
}

/** A value as a row has room for it: of a time the date. */
function shortText(value: Json | undefined): string {
  const text = valueText(value);
  return /^\d{4}-\d\d-\d\dT/.test(text) ? text.slice(0, 10) : text;
}

function valueText(value: Json | undefined): string {
  if (value === undefined || value === null || value === "") return "nothing";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
