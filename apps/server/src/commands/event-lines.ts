import type { Event, Outcome } from "@daybook/contract";

/** A text in a colour or weight of the terminal (SGR), if it may have any. */
export const paint = (code: number, text: string, colour: boolean): string =>
  colour ? `\u001b[${code}m${text}\u001b[0m` : text;

const outcomeMarks: Record<Outcome, { mark: string; code: number }> = {
  success: { mark: "ok     ", code: 32 },
  failure: { mark: "failure", code: 31 },
  denied: { mark: "denied ", code: 33 },
};

/** Control characters would move the cursor or worse: names in events come from anywhere. */
export const printable = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is replaced
  text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, "·");

/** Widths that a table's columns are cut to. */
const ACTOR_WIDTH = 28;
const ACTION_WIDTH = 28;

/** One event as a line: time (UTC), outcome, who, action, the sentence, from where. */
export function eventLine(event: Event, colour: boolean): string {
  const { mark, code } = outcomeMarks[event.outcome];
  const { actor, origin } = event;
  const who = cell(
    actor.email ?? actor.name ?? (actor.id === undefined ? actor.type : `${actor.type}/${actor.id}`),
    ACTOR_WIDTH,
  );
  const where = [origin.ip, origin.country].filter((part) => part !== undefined).join(" ");
  const time = `${event.occurredAt.slice(0, 10)} ${event.occurredAt.slice(11, 19)}`;
  const parts = [
    paint(2, time, colour),
    paint(code, mark, colour),
    who,
    paint(36, cell(event.action, ACTION_WIDTH), colour),
    printable(event.summary),
    where === "" ? "" : paint(2, printable(where), colour),
  ];
  return parts.join("  ").trimEnd();
}

/** A column: cut, or filled up with spaces. */
export function cell(text: string, width: number): string {
  const characters = [...printable(text)];
  return characters.length > width ? `${characters.slice(0, width - 1).join("")}…` : characters.join("").padEnd(width);
}

/** A number as people read it: 1,042. */
export const readable = (value: number): string => value.toLocaleString("en-GB");
