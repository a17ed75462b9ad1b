import { type Actor, type Change, type Event, fold, type Json, type Target } from "@daybook/contract";

/** What stands in place of something personal. A character that nobody searches for. */
export const MASK = "•••";

/** The same patterns as in the database's function mask_personal (migrations/0007_viewer_tokens.sql): keep them alike. */
const patterns: readonly RegExp[] = [
  /[^\] \t\r\n@<>"'(),;:[{}]{1,64}@[^\] \t\r\n@<>"'(),;:[{}]{1,254}/g,
  /[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}/g,
  /(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}/g,
  /(?:[0-9a-fA-F]{1,4}:){1,7}:(?:[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4}){0,6})?/g,
  /::[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4}){0,6}/g,
];

const mayBePersonal = /@|[0-9]\.[0-9]|:/;

/** A text without the e-mail addresses and IP addresses in it. */
export function maskText(text: string): string {
  if (!mayBePersonal.test(text)) return text;
  let masked = text;
  for (const pattern of patterns) masked = masked.replace(pattern, MASK);
  return masked;
}

const personalWords: ReadonlySet<string> = new Set(
  "ip ips ipv4 ipv6 email emails phone mobile telephone address addresses session sessions useragent".split(" "),
);

/** Whether a member of details or a changed field of this name holds something personal, whatever it looks like. */
export function isPersonalName(name: string): boolean {
  const words = name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").split(/[^A-Za-z0-9]+/);
  const folded = words.map(fold);
  if (folded.some((word) => personalWords.has(word))) return true;
  // In lower case alone, as a query's path may be typed: sessionid, ipaddress, useragent, e-mail.
  const joined = folded.join("");
  return /session(id)?$|^ip(address|addr|v[46])?$|(remote|client|source|user|last)ip$|user_?agent|e-?mail|phone/.test(
    joined,
  );
}

/** The event as those see it who may not see personal data. What has a place of its own is masked, the rest by pattern. */
export function maskEvent(event: Event): Event {
  const masked: Event = {
    ...event,
    summary: maskText(event.summary),
    actor: maskActor(event.actor),
    targets: event.targets.map(maskTarget),
    origin: { ...event.origin },
  };
  for (const field of ["ip", "userAgent", "sessionId"] as const)
    if (event.origin[field] !== undefined) masked.origin[field] = MASK;
  if (event.onBehalfOf !== undefined) masked.onBehalfOf = maskActor(event.onBehalfOf);
  if (event.reason !== undefined) masked.reason = maskText(event.reason);
  if (event.changes !== undefined) masked.changes = event.changes.map(maskChange);
  if (event.details !== undefined) masked.details = maskJson(event.details);
  return masked;
}

function maskActor(actor: Actor): Actor {
  const masked: Actor = { type: actor.type };
  if (actor.id !== undefined) masked.id = maskText(actor.id);
  if (actor.name !== undefined) masked.name = maskText(actor.name);
  if (actor.email !== undefined) masked.email = MASK;
  return masked;
}

function maskTarget(target: Target): Target {
  const masked: Target = { type: target.type, id: maskText(target.id) };
  if (target.name !== undefined) masked.name = maskText(target.name);
  if (target.ownerId !== undefined) masked.ownerId = maskText(target.ownerId);
  return masked;
}

/** A changed field with its values masked. */
export function maskChange(change: Change): Change {
  const masked: Change = { ...change };
  const personal = isPersonalName(change.field);
  for (const side of ["old", "new"] as const) {
    const value = change[side];
    if (value !== undefined && value !== null) masked[side] = personal ? MASK : maskJson(value);
  }
  return masked;
}

/** A JSON value with its texts masked, and whatever a personal name leads to. */
export function maskJson(value: Json): Json {
  if (typeof value === "string") return maskText(value);
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(maskJson);
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, isPersonalName(name) ? MASK : maskJson(member)]),
  );
}

/** The texts of an event that a bare word is searched in by those who may not see personal data; of a masked event. */
export function publicTexts({ summary, actor, targets }: Event): string[] {
  const texts = [summary, actor.id, actor.name, ...targets.flatMap((target) => [target.id, target.name])];
  return texts.flatMap((text) => (text === undefined ? [] : [fold(text)]));
}
