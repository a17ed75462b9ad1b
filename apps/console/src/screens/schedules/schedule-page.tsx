import type { Schedule } from "@daybook/contract";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { removeSchedule, scheduleQuery } from "../../api/schedules.ts";
import { ScreenHeader } from "../../frame/screen-header.tsx";
import { durationText } from "../../lib/duration-text.ts";
import { useMay } from "../../lib/may.ts";
import { Confirm } from "../../ui/confirm.tsx";
import { CopyBlock } from "../../ui/copy-button.tsx";
import { Failure, Skeleton } from "../../ui/states.tsx";
import "../activity/activity.css";
import "../activity/bar/bar.css";
import "../activity/panel/panel.css";
import "../tasks/tasks.css";
import { checkInLines } from "./check-in-lines.ts";
import { Countdown } from "./countdown.tsx";
import { Definition } from "./definition.tsx";
import { RunStrip } from "./run-strip.tsx";
import { Runs } from "./runs.tsx";
import { ScheduleActs } from "./schedule-acts.tsx";
import { ScheduleForm } from "./schedule-form.tsx";
import { kindText, rateText } from "./schedule-list.tsx";
import "./schedules.css";
import { StateMark } from "./state-mark.tsx";

/** The page of one schedule: how it stands, its runs with their output, how it is defined. */
export function SchedulePage() {
  const { workspace, name } = useParams({ from: "/w/$workspace/schedules/$name" });
  const read = useQuery(scheduleQuery(workspace, name));
  return (
    <div className="plain-screen schedule-page">
      <ScreenHeader name="Schedule">
        <div className="header-actions">
          <Link className="btn" to="/w/$workspace/schedules" params={{ workspace }} search={{}}>
            All schedules
          </Link>
        </div>
      </ScreenHeader>
      <div className="column">
        {read.data ? (
          <Parts key={name} workspace={workspace} schedule={read.data} />
        ) : read.isError ? (
          <Failure error={read.error} retry={() => void read.refetch()} />
        ) : (
          <Skeleton lines={12} label="Reading the schedule" />
        )}
      </div>
    </div>
  );
}

function Parts({ workspace, schedule }: { workspace: string; schedule: Schedule }) {
  const { name, state, stateReason, description, inWords, recentRuns, kind, task } = schedule;
  return (
    <>
      <header className="schedule-title">
        <div>
          <h2>{name}</h2>
          <StateMark state={state} /> <span className="soft">{stateReason}</span>
        </div>
        <ScheduleActs workspace={workspace} schedule={schedule} />
      </header>
      {description ? <p className="schedule-about">{description}</p> : null}
      <dl className="schedule-figures">
        <Figure name="Runs">
          {inWords} <span className="faint">{kindText(kind, task?.type)}</span>
        </Figure>
        <Figure name="Next run">{schedule.nextRunAt ? <Countdown at={schedule.nextRunAt} /> : "–"}</Figure>
        <Figure name="Success">
          {schedule.successRate === undefined ? "–" : rateText(schedule.successRate)}
          <span className="faint"> of 30 days</span>
        </Figure>
        <Figure name="Usually takes">
          {schedule.usualMs === undefined ? "–" : `up to ${durationText(schedule.usualMs)}`}
        </Figure>
      </dl>
      <RunStrip workspace={workspace} name={name} runs={recentRuns} />
      <Runs workspace={workspace} schedule={schedule} />
      {kind === "monitored" ? <CheckIns name={name} cron={schedule.cron} /> : null}
      <Definition workspace={workspace} schedule={schedule} />
      <Changing workspace={workspace} schedule={schedule} />
    </>
  );
}

function Figure({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** What to put where the job runs. */
function CheckIns({ name, cron }: { name: string; cron: string }) {
  const { wrap, curl } = checkInLines(name);
  return (
    <section>
      <h2>How it checks in</h2>
      <p>Wrap the command in the panel's crontab; output, exit code and duration come along:</p>
      <CopyBlock label="Crontab line that reports its runs" text={`${cron} ${wrap}`} />
      <p>Or call at the start and at the end:</p>
      <CopyBlock label="Commands that report a run" text={curl} />
    </section>
  );
}

/** The form, and removing it; of one that a file or Daybook itself defines, where that is done. */
function Changing({ workspace, schedule }: { workspace: string; schedule: Schedule }) {
  const may = useMay("schedules.write");
  const client = useQueryClient();
  const navigate = useNavigate();
  const [changing, setChanging] = useState(false);
  const remove = useMutation({
    mutationFn: () => removeSchedule(workspace, schedule.name),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["schedules", workspace] });
      void navigate({ to: "/w/$workspace/schedules", params: { workspace }, search: {} });
    },
  });
  if (schedule.source !== "api")
    return (
      <p className="notice read-only">
        {schedule.source === "config"
          ? "It is defined in the configuration file; change it there."
          : "It is house-keeping of Daybook itself, and is not changed here."}
      </p>
    );
  if (!may) return null;
  if (changing)
    return (
      <section>
        <h2>Change it</h2>
        <ScheduleForm workspace={workspace} schedule={schedule} onDone={() => setChanging(false)} />
      </section>
    );
  return (
    <div className="actions">
      <button type="button" className="btn" onClick={() => setChanging(true)}>
        Change it
      </button>
      <Confirm
        name="Remove"
        label={`Remove ${schedule.name}`}
        danger
        title={`Remove ${schedule.name}?`}
        act="Remove the schedule"
        onAct={() => remove.mutate()}
      >
        It will not run and not be watched any more, and its runs go with it. What was recorded stays in the log.
      </Confirm>
      {remove.isError ? (
        <span className="fault" role="alert">
          {remove.error.message}
        </span>
      ) : null}
    </div>
  );
}
