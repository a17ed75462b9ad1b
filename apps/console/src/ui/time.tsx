import { useTicking } from "../lib/clock.ts";
import { usePreference } from "../lib/preference.ts";
import { exactTime, longAge, shortAge } from "../lib/time-text.ts";
import { zone } from "../lib/zone.ts";

/** How long ago in a word, the exact time on hover: for rows. */
export function ShortTime({ at }: { at: string }) {
  const choice = usePreference(zone);
  const ms = Date.parse(at);
  const text = useTicking((now) => shortAge(ms, now, choice));
  return (
    <time dateTime={at} title={exactTime(ms, choice)}>
      {text}
    </time>
  );
}

/** The exact time and how long ago: for the side panel. */
export function FullTime({ at }: { at: string }) {
  const choice = usePreference(zone);
  const ms = Date.parse(at);
  const age = useTicking((now) => longAge(ms, now));
  return (
    <time dateTime={at}>
      {exactTime(ms, choice)} · {age}
    </time>
  );
}

/** How long ago, in words: "3 minutes ago". */
export function Ago({ at }: { at: string }) {
  const choice = usePreference(zone);
  const ms = Date.parse(at);
  const age = useTicking((now) => longAge(ms, now));
  return (
    <time dateTime={at} title={exactTime(ms, choice)}>
      {age}
    </time>
  );
}
