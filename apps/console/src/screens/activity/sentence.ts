import type { Actor, Event, Target } from "@daybook/contract";

/** A piece of a sentence: plain, or the name of a thing that it is about. */
export interface Piece {
  text: string;
  target?: true;
}

/** What an actor is called in a row. */
export function actorName(actor: Actor): string {
  const name = actor.name || actor.email || actor.id;
  if (actor.type === "api_key") return name ? `api key · ${name}` : "api key";
  if (name) return name;
  if (actor.type === "system") return "System";
  return actor.type === "anonymous" ? "Visitor" : "Unknown";
}

export function targetName(target: Target): string {
  return target.name || target.id;
}

/** The summary as the table shows it: without the actor, who has a column of their own, with the targets marked, and of times only
 *  the date. */
export function rowSentence(event: Event): Piece[] {
  const pieces = markTargets(withoutActor(event), event.targets);
  return pieces.map((piece) => (piece.target ? piece : { text: piece.text.replace(isoTime, "$1") }));
}

const isoTime = /\b(\d{4}-\d\d-\d\d)T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)/g;

/** The whole summary with the targets marked, as the side panel heads with it. */
export function fullSentence(event: Event): Piece[] {
  return markTargets(event.summary, event.targets);
}

function withoutActor(event: Event): string {
  const { actor, summary } = event;
  const names = [actor.name, actor.email, actor.id, actorName(actor)].filter(Boolean);
  const said = [...names.map((name) => `API key ${name}`), ...names].find((name) => summary.startsWith(`${name} `));
  return said ? summary.slice(said.length + 1) : summary;
}

function markTargets(text: string, targets: readonly Target[]): Piece[] {
  const names = targets.flatMap((target) => [target.name, target.id]).filter((name): name is string => Boolean(name));
  names.sort((a, b) => b.length - a.length);
  const pieces: Piece[] = [];
  let rest = text;
  while (rest !== "") {
    const found = firstOf(rest, names);
    if (!found) break;
    if (found.at > 0) pieces.push({ text: rest.slice(0, found.at) });
    pieces.push({ text: found.name, target: true });
    rest = rest.slice(found.at + found.name.length);
  }
  if (rest !== "") pieces.push({ text: rest });
  return pieces;
}

function firstOf(text: string, names: readonly string[]): { at: number; name: string } | null {
  let best: { at: number; name: string } | null = null;
  for (const name of names) {
    const at = wholeWordAt(text, name);
    if (at >= 0 && (best === null || at < best.at)) best = { at, name };
  }
  return best;
}

/** Where a name stands in a text by itself, not inside a longer word; -1 if nowhere. */
function wholeWordAt(text: string, name: string): number {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const before = text[at - 1];
    const after = text[at + name.length];
    if (!(before && /[\p{L}\p{N}]/u.test(before)) && !(after && /[\p{L}\p{N}]/u.test(after))) return at;
  }
  return -1;
}
