import type { ScheduleRun } from "@daybook/contract";
import { Link } from "@tanstack/react-router";
import { durationText } from "../../lib/duration-text.ts";
import { usePreference } from "../../lib/preference.ts";
import { exactTime } from "../../lib/time-text.ts";
import { zone } from "../../lib/zone.ts";
import { runWords } from "./state-mark.tsx";

const PLACES = 20;

interface RunStripProps {
  workspace: string;
  name: string;
  /** The newest first. */
  runs: readonly ScheduleRun[];
}

/** The last twenty runs, the newest at the right: full for what worked, half for what failed, low for what never ran; each leads to its run. */
export function RunStrip({ workspace, name, runs }: RunStripProps) {
  const choice = usePreference(zone);
  const shown = runs.slice(0, PLACES).reverse();
  return (
    <ol className="run-strip" aria-label={`Last runs of ${name}, the newest last`}>
      {Array.from({ length: PLACES - shown.length }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: places without a run are all alike
        <li key={at} aria-hidden="true">
          <i className="tick none" />
        </li>
      ))}
      {shown.map((run) => {
        const text = runText(run, choice);
        return (
          <li key={run.id}>
            <Link
              className="tick"
              data-run={run.state}
              data-slow={run.slow}
              to="/w/$workspace/schedules/$name"
              params={{ workspace, name }}
              hash={`run-${run.id}`}
              title={text}
              aria-label={text}
              preload={false}
            />
          </li>
        );
      })}
    </ol>
  );
}

/** "failed · 21 Nov 2026, 02:00:00.000 UTC · 4 min 12 s · exit code 2" */
function runText(
  { state, dueAt, startedAt, finishedAt, durationMs, exitCode, slow }: ScheduleRun,
  choice: string,
): string {
  const at = startedAt ?? dueAt ?? finishedAt;
  return [
    runWords[state],
    at && exactTime(Date.parse(at), choice),
    durationMs !== undefined && durationText(durationMs),
    exitCode !== undefined && exitCode !== 0 && `exit code ${exitCode}`,
    slow && "slower than usual",
  ]
    .filter(Boolean)
    .join(" · ");
}
