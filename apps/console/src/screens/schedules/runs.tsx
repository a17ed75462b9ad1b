import type { Schedule, ScheduleRun } from "@daybook/contract";
import { useQuery } from "@tanstack/react-query";
import { Link, useLocation } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { runsQuery } from "../../api/schedules.ts";
import { durationText } from "../../lib/duration-text.ts";
import { usePreference } from "../../lib/preference.ts";
import { exactTime } from "../../lib/time-text.ts";
import { zone } from "../../lib/zone.ts";
import { Failure, Skeleton } from "../../ui/states.tsx";
import { piecesOf } from "../tasks/lines/ansi.ts";
import { styleOf } from "../tasks/lines/ansi-colours.ts";
import { runWords } from "./state-mark.tsx";

const FIRST = 20;
const ALL = 200;

/** The runs, the newest first, each with what it wrote. */
export function Runs({ workspace, schedule }: { workspace: string; schedule: Schedule }) {
  const [limit, setLimit] = useState(FIRST);
  const { hash } = useLocation();
  const read = useQuery(runsQuery(workspace, schedule.name, limit));
  const there = read.data !== undefined;
  useEffect(() => {
    if (there && hash.startsWith("run-")) document.getElementById(hash)?.scrollIntoView({ block: "center" });
  }, [there, hash]);
  return (
    <section>
      <h2>Runs</h2>
      {read.isError && !read.data ? (
        <Failure error={read.error} retry={() => void read.refetch()} />
      ) : !read.data ? (
        <Skeleton lines={5} label="Reading the runs" />
      ) : read.data.length === 0 ? (
        <p className="soft">
          {schedule.kind === "monitored"
            ? "It has not checked in yet. Put the line below where the job runs."
            : "It has not run yet."}
        </p>
      ) : (
        <>
          <ol className="list runs">
            {read.data.map((run) => (
              <Run key={run.id} workspace={workspace} run={run} aimed={hash === `run-${run.id}`} />
            ))}
          </ol>
          {read.data.length >= limit && limit < ALL ? (
            <button type="button" className="linklike" onClick={() => setLimit(ALL)}>
              Earlier runs
            </button>
          ) : null}
        </>
      )}
    </section>
  );
}

function Run({ workspace, run, aimed }: { workspace: string; run: ScheduleRun; aimed: boolean }) {
  const choice = usePreference(zone);
  const at = run.startedAt ?? run.dueAt ?? run.finishedAt;
  const bad = run.state === "failed" || run.state === "missed" || run.state === "lost";
  return (
    <li id={`run-${run.id}`} data-aimed={aimed}>
      <div className="run-line">
        <span className="run-word" data-run={run.state}>
          <i className="tick" data-run={run.state} aria-hidden="true" />
          {runWords[run.state]}
        </span>
        <span>{at ? exactTime(Date.parse(at), choice).replace(/\.\d{3}/, "") : ""}</span>
        <span className={run.slow ? "slow" : "soft"}>
          {run.durationMs === undefined ? "" : durationText(run.durationMs)} {run.slow ? <b>slow</b> : null}
        </span>
        {run.exitCode === undefined ? null : <span className="faint">exit code {run.exitCode}</span>}
        {run.taskId ? (
          <Link to="/w/$workspace/tasks/$id" params={{ workspace, id: run.taskId }}>
            Its task
          </Link>
        ) : null}
      </div>
      {run.reason ? <p className={bad ? "fault" : "soft"}>{run.reason}</p> : null}
      {run.output ? <Output text={run.output} open={aimed || run.state === "failed"} at={at ?? run.id} /> : null}
    </li>
  );
}

/** What a run wrote, folded; drawn only when it is opened. */
function Output({ text, open, at }: { text: string; open: boolean; at: string }) {
  const [shown, setShown] = useState(open);
  const lines = text.replace(/\n$/, "").split("\n");
  return (
    <details open={shown} onToggle={(event) => setShown(event.currentTarget.open)}>
      <summary>
        Output <span className="faint">{lines.length === 1 ? "1 line" : `${lines.length} lines`}</span>
      </summary>
      {shown ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable with the keyboard
        // biome-ignore lint/a11y/useSemanticElements: the text is preformatted
        <pre className="run-output" tabIndex={0} role="region" aria-label={`Output of the run at ${at}`}>
          {lines.map((line, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the lines of an output keep their places
            <span key={index}>
              {piecesOf(line).map(({ text: part, look }, place) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a line keep their places
                <span key={place} style={styleOf(look)}>
                  {part}
                </span>
              ))}
              {"\n"}
            </span>
          ))}
        </pre>
      ) : null}
    </details>
  );
}
