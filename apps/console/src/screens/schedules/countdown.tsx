import { useTicking } from "../../lib/clock.ts";
import { clockDuration } from "../../lib/duration-text.ts";
import { usePreference } from "../../lib/preference.ts";
import { exactTime, longAge } from "../../lib/time-text.ts";
import { zone } from "../../lib/zone.ts";

/** What is due a moment ago is just being done. */
const GRACE_MS = 5_000;

/** How long it is until a time, "in 4 min 12 s", or since it was due. */
export function Countdown({ at }: { at: string }) {
  const choice = usePreference(zone);
  const ms = Date.parse(at);
  const text = useTicking((now) => {
    if (now - ms > GRACE_MS) return `due ${longAge(ms, now)}`;
    return ms - now < 1_000 ? "now" : `in ${clockDuration(ms - now)}`;
  });
  return (
    <time dateTime={at} title={exactTime(ms, choice)}>
      {text}
    </time>
  );
}
