import cronstrue from "cronstrue";
import type { TimeRule } from "./schedule-times.ts";

const numbers = ["", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

/** Times of day as the library writes them, one or several. */
const clock = String.raw`\d\d:\d\d(?::\d\d)?(?:(?:, | and |, and )\d\d:\d\d(?::\d\d)?)*`;

/** A cron expression that can be read, in plain English with its zone: "every two minutes", "daily at 02:00 UTC". */
export function inWords({ cron, timeZone }: TimeRule): string {
  const said = described(cron);
  if (said === undefined) return `at the times of ${cron} (${timeZone})`;
  const text = rephrased(said);
  // What has neither a time of day nor a day means the same in every zone.
  if (/^every (?:[a-z]+ |\d+ )?(?:second|minute|hour)s?$/.test(text) && !isOffHour(text)) return text;
  return new RegExp(`(?:^| )${clock}$`).test(text) ? `${text} ${timeZone}` : `${text} (${timeZone})`;
}

/** Undefined for what can be run and not be put into words, e.g. the weekdays nearest two days (1W,15W). */
function described(cron: string): string | undefined {
  const expression = cron.startsWith("@") ? cron.toLowerCase() : cron;
  try {
    return cronstrue.toString(expression, { use24HourTimeFormat: true, throwExceptionOnParseError: true });
  } catch {
    return undefined;
  }
}

/** "Every six hours" begins at midnight of some zone; every hour and what is shorter does not. */
function isOffHour(text: string): boolean {
  return /hours$/.test(text);
}

function rephrased(said: string): string {
  const text = said
    .replace(/ through /g, " to ")
    .replace(/^On the hour, every (\d+) hours$/, "Every $1 hours")
    .replace(/\bEvery (\d+) /gi, (all, count: string) => all.replace(count, numbers[Number(count)] ?? count));
  const daily = new RegExp(`^At (${clock})$`).exec(text);
  if (daily !== null) return `daily at ${daily[1]}`;
  const days = new RegExp(`^At (${clock}), (?:only )?(on .+|[A-Z][a-z]+ to [A-Z][a-z]+)$`).exec(text);
  if (days !== null && !(days[2] ?? "").includes(", ")) return `${dayPhrase(days[2] ?? "")} at ${days[1]}`;
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** "on Monday" is every Monday; the rest stays as it is. */
function dayPhrase(text: string): string {
  return text.replace(/^on (?=(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)/, "every ");
}
