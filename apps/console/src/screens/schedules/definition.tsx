import type { Schedule } from "@daybook/contract";
import { useQuery } from "@tanstack/react-query";
import { previewQuery } from "../../api/schedules.ts";
import { clockDuration } from "../../lib/duration-text.ts";
import { usePreference } from "../../lib/preference.ts";
import { exactTime } from "../../lib/time-text.ts";
import { zone } from "../../lib/zone.ts";
import { JsonTree } from "../activity/panel/json-tree.tsx";

const catchUps = {
  skip: "Runs missed while nobody could run them are left out",
  once: "Runs missed while nobody could run them are made up for by one",
  all: "Runs missed while nobody could run them are made up for, each",
} as const;
const overlaps = {
  skip: "a run that is due while the one before still runs is left out",
  queue: "a run that is due while the one before still runs waits for it",
  allow: "a run that is due while the one before still runs begins beside it",
} as const;

/** How a schedule is defined, and what it runs. */
export function Definition({ workspace, schedule }: { workspace: string; schedule: Schedule }) {
  const { cron, timeZone, graceSeconds, maxRunSeconds, catchUp, overlap, jitterSeconds, task, kind } = schedule;
  return (
    <section>
      <h2>How it is defined</h2>
      <dl className="facts">
        <dt>Times</dt>
        <dd>
          <code>{cron}</code> in {timeZone}
        </dd>
        <dt>Grace</dt>
        <dd>{clockDuration(graceSeconds * 1000)} late, then it is down</dd>
        <dt>Longest run</dt>
        <dd>{clockDuration((maxRunSeconds ?? 86_400) * 1000)}, then it counts as lost</dd>
        {kind === "monitored" ? null : (
          <>
            <dt>Policy</dt>
            <dd>
              {catchUps[catchUp]}; {overlaps[overlap]}.
            </dd>
          </>
        )}
        {jitterSeconds > 0 ? (
          <>
            <dt>Jitter</dt>
            <dd>begins up to {clockDuration(jitterSeconds * 1000)} later, evenly spread</dd>
          </>
        ) : null}
        {task ? (
          <>
            <dt>Runs</dt>
            <dd>
              <span className="mono">{task.type}</span> {task.title ?? ""}
              {task.node ? ` on ${task.node}` : ""}
            </dd>
          </>
        ) : null}
      </dl>
      {task?.payload !== undefined && task.payload !== null ? (
        <>
          <h3>Payload</h3>
          <JsonTree value={task.payload} />
        </>
      ) : null}
      <NextTimes workspace={workspace} cron={cron} timeZone={timeZone} />
    </section>
  );
}

interface NextTimesProps {
  workspace: string;
  cron: string;
  timeZone: string;
  /** The times stand open. */
  open?: boolean;
}

/** What an expression means, and the next ten times. */
export function NextTimes({ workspace, cron, timeZone, open = false }: NextTimesProps) {
  const choice = usePreference(zone);
  const read = useQuery(previewQuery(workspace, cron, timeZone));
  if (read.isError)
    return (
      <p className="fault" role="alert">
        {read.error.message}
      </p>
    );
  if (!read.data) return null;
  return (
    <details className="next-times" open={open}>
      <summary>
        <b>{read.data.inWords}</b>
      </summary>
      <ol>
        {read.data.nextRuns.map((at) => (
          <li key={at}>
            <time dateTime={at}>{exactTime(Date.parse(at), choice).replace(/\.\d{3}/, "")}</time>
          </li>
        ))}
      </ol>
    </details>
  );
}
