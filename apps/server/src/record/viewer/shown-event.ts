import {
  type Actor,
  type Event,
  type EventInput,
  fold,
  type HideableField,
  type Json,
  type ViewerEvent,
} from "@daybook/contract";
import { maskChange, maskJson, maskText } from "../personal.ts";
import { type CustomerSight, isOwnAct, isTargetShown } from "./customer-sight.ts";

/** Tells an event in one line. */
export type Tell = (event: EventInput) => string;

/** Members of details that are meant for customers. Whatever else a panel writes there may be internal. */
const shownDetails: ReadonlySet<string> = new Set(
  `name file files path directory count url database backup snapshot schedule variable allocation image iso mod plugin
   version egg plan size amount currency brand last4 template until method product item`.split(/\s+/),
);
/** Further ones, of files alone: elsewhere they are nodes and people. */
const shownOfFiles: ReadonlySet<string> = new Set(["from", "to", "old", "new"]);

const internalWords: ReadonlySet<string> = new Set(
  "node nodes host hypervisor internal note notes cost costs margin risk fraud score staff admin secret token".split(
    " ",
  ),
);

/** An event of the log as the customer sees it. Only for events that are in sight. */
export function shownEvent(sight: CustomerSight, event: Event, tell: Tell): ViewerEvent {
  const own = isOwnAct(sight, event);
  const shows = (field: HideableField): boolean => !sight.hidden.has(field);
  const actor = shownActor(sight, event, own);
  const details = shows("details") ? detailsOf(event, own) : undefined;
  const changes = shows("changes") ? changesOf(event, own) : undefined;
  const reason = own && shows("reason") ? event.reason : undefined;
  const targets = event.targets.filter((target) => isTargetShown(sight, event, target));
  const shown: ViewerEvent = {
    id: event.id,
    occurredAt: event.occurredAt,
    action: event.action,
    category: event.category,
    outcome: event.outcome,
    summary: "",
    own,
    targets: targets.map(({ type, id, name }) => ({ type, id, ...(name === undefined ? {} : { name }) })),
  };
  if (shows("actor")) shown.actor = actor;
  if (reason !== undefined) shown.reason = reason;
  if (changes !== undefined) shown.changes = changes;
  if (details !== undefined) shown.details = details;
  // Whose address it is, is not said when staff acted in the customer's name.
  if (own && event.onBehalfOf?.type !== "staff") addOrigin(shown, event, shows);
  // A sentence without its main target says "a server", and nothing of the others.
  const [main] = event.targets;
  const told = main !== undefined && targets[0] === main ? shown.targets : [];
  shown.summary = tell({
    action: event.action,
    outcome: event.outcome,
    actor: shows("actor") ? actor : { type: "user" },
    targets: told,
    ...(reason === undefined ? {} : { reason }),
    ...(changes === undefined ? {} : { changes }),
    ...(details === undefined ? {} : { details }),
  });
  return shown;
}

/** What is shown as an event of the query language: a customer's query asks for this, and for nothing else. */
export function askedEvent(shown: ViewerEvent): Event {
  const { id, occurredAt, action, category, outcome, summary, targets } = shown;
  const actor: Actor = shown.actor ?? { type: "anonymous" };
  return {
    ...{ seq: 0, recordedAt: occurredAt, kind: "user", severity: "info", origin: {} },
    ...{ id, occurredAt, action, category, outcome, summary, targets, actor },
  };
}

function shownActor({ staffAs }: CustomerSight, { actor }: Event, own: boolean): Actor {
  const { type, id, name } = actor;
  if (own) return { type, ...(id === undefined ? {} : { id }), ...(name === undefined ? {} : { name }) };
  if (type === "staff") return staffAs === null ? { type: "system" } : { type, name: staffAs };
  return type === "user" && name !== undefined ? { type, name: maskText(name) } : { type };
}

function addOrigin(shown: ViewerEvent, { origin }: Event, shows: (field: HideableField) => boolean): void {
  for (const field of ["ip", "country", "network", "browser", "os"] as const) {
    const value = origin[field];
    if (value !== undefined && shows(field)) shown[field] = value;
  }
}

function detailsOf({ action, details }: Event, own: boolean): Record<string, Json> | undefined {
  if (details === undefined || details === null || typeof details !== "object" || Array.isArray(details))
    return undefined;
  const ofFiles = action.startsWith("server.files.");
  const members = Object.entries(details).filter(
    ([name, value]) => (shownDetails.has(name) || (ofFiles && shownOfFiles.has(name))) && isPlain(value),
  );
  if (members.length === 0) return undefined;
  return Object.fromEntries(members.map(([name, value]) => [name, own ? value : maskJson(value)]));
}

/** A single value, or a list of them: what is nested deeper was not written for customers. */
const isPlain = (value: Json): boolean =>
  Array.isArray(value)
    ? value.every((item) => item === null || typeof item !== "object")
    : value === null || typeof value !== "object";

function changesOf({ changes }: Event, own: boolean): ViewerEvent["changes"] {
  const shown = (changes ?? []).filter(({ field }) => !isInternal(field));
  if (shown.length === 0) return undefined;
  return (own ? shown : shown.map(maskChange)) as ViewerEvent["changes"];
}

function isInternal(field: string): boolean {
  const words = field.replace(/([a-z0-9])([A-Z])/g, "$1 $2").split(/[^A-Za-z0-9]+/);
  return words.some((word) => internalWords.has(fold(word)));
}
