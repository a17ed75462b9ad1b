import { type Schedule, scheduleStates } from "@daybook/contract";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { schedulesQuery } from "../../api/schedules.ts";
import { ScreenHeader } from "../../frame/screen-header.tsx";
import { useMay } from "../../lib/may.ts";
import { useMedia } from "../../lib/media.ts";
import { shortCount } from "../../lib/numbers.ts";
import { CopyBlock } from "../../ui/copy-button.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Empty, Failure, Skeleton } from "../../ui/states.tsx";
import "../activity/activity.css";
import "../activity/bar/bar.css";
import "../activity/histogram/histogram.css";
import { Findings } from "../findings/findings.tsx";
import "../tasks/tasks.css";
import { checkInLines } from "./check-in-lines.ts";
import { ScheduleForm } from "./schedule-form.tsx";
import { ScheduleList } from "./schedule-list.tsx";
import type { ScheduleSearch } from "./schedule-search.ts";
import "./schedules.css";
import { Upcoming } from "./upcoming.tsx";

/** What needs eyes comes first. */
const order = ["down", "late", "new", "up", "paused"] as const;

/** Every recurring job: whether it ran in time, when it runs next, and what the next day brings. */
export function Schedules() {
  const { workspace } = useParams({ from: "/w/$workspace" });
  const search: ScheduleSearch = useSearch({ from: "/w/$workspace/schedules" });
  const narrow = useMedia("(width < 900px)");
  const read = useQuery(schedulesQuery(workspace));
  const [making, setMaking] = useState(false);
  const may = useMay("schedules.write");
  const shown = useMemo(() => chosen(read.data ?? [], search), [read.data, search]);
  return (
    <div className="activity schedules-screen">
      <ScreenHeader name="Schedules">
        <ScheduleSearchBox q={search.q ?? ""} />
        <div className="controls">
          {may ? (
            <button
              type="button"
              className="btn new-schedule"
              aria-expanded={making}
              onClick={() => setMaking(!making)}
            >
              New <span>schedule</span>
            </button>
          ) : null}
        </div>
      </ScreenHeader>
      <Findings screen="schedules" />
      {making ? (
        <div className="schedule-making">
          <ScheduleForm workspace={workspace} onDone={() => setMaking(false)} />
        </div>
      ) : null}
      {read.data && read.data.length > 0 ? (
        <>
          <StateTabs schedules={read.data} chosen={search.state} />
          <ScheduleList
            workspace={workspace}
            schedules={shown}
            narrow={narrow}
            above={
              <>
                {search.q || search.state ? null : read.data.every(({ kind }) => kind === "builtin") ? (
                  <NoSchedules workspace={workspace} />
                ) : (
                  <Upcoming workspace={workspace} />
                )}
                {shown.length === 0 ? <NoneFits /> : null}
              </>
            }
          />
        </>
      ) : read.isError ? (
        <Failure error={read.error} retry={() => void read.refetch()} />
      ) : read.isPending ? (
        <Skeleton lines={12} label="Reading the schedules" />
      ) : (
        <NoSchedules workspace={workspace} />
      )}
    </div>
  );
}

function chosen(schedules: readonly Schedule[], { q, state }: ScheduleSearch): Schedule[] {
  const word = q?.trim().toLowerCase() ?? "";
  return schedules
    .filter(
      (each) =>
        (state === undefined || each.state === state) &&
        `${each.name} ${each.description ?? ""} ${each.inWords} ${each.cron} ${each.task?.type ?? ""}`
          .toLowerCase()
          .includes(word),
    )
    .sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.name.localeCompare(b.name));
}

function StateTabs({ schedules, chosen: state }: { schedules: readonly Schedule[]; chosen: string | undefined }) {
  const navigate = useNavigate({ from: "/w/$workspace/schedules" });
  const choose = (to: string | undefined) =>
    void navigate({ search: ({ state: _, ...others }) => ({ ...others, ...(to && { state: to }) }) });
  return (
    <div className="lens-bar">
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row in every browser */}
      <div className="status-tabs" role="group" aria-label="State">
        <button type="button" aria-pressed={state === undefined} onClick={() => choose(undefined)}>
          All <span className="tab-count">{shortCount(schedules.length)}</span>
        </button>
        {scheduleStates.map((each) => (
          <button key={each} type="button" aria-pressed={state === each} onClick={() => choose(each)}>
            {each} <span className="tab-count">{shortCount(schedules.filter((one) => one.state === each).length)}</span>
          </button>
        ))}
      </div>
    </div>
  );
}

function ScheduleSearchBox({ q }: { q: string }) {
  const navigate = useNavigate({ from: "/w/$workspace/schedules" });
  const [typed, setTyped] = useState(q);
  return (
    <search className="task-search">
      <Icon name="search" size={14} />
      <input
        type="search"
        className="input"
        aria-label="Search schedules"
        placeholder="Name, words, type"
        value={typed}
        autoComplete="off"
        spellCheck={false}
        onChange={({ target }) => {
          setTyped(target.value);
          void navigate({
            search: ({ q: _, ...others }) => ({ ...others, ...(target.value && { q: target.value }) }),
            replace: true,
          });
        }}
      />
    </search>
  );
}

function NoneFits() {
  return (
    <Empty title="No schedule here">
      <p>None fits what is searched.</p>
    </Empty>
  );
}

function NoSchedules({ workspace }: { workspace: string }) {
  const { wrap, curl } = checkInLines("nightly-backup");
  return (
    <Empty title="No schedules of yours yet">
      <p>
        Backups, invoices, clean-ups: what runs again and again stands here, and what did not run is seen without
        anybody asking. Make a key under{" "}
        <Link to="/w/$workspace/api-keys" params={{ workspace }}>
          API keys
        </Link>
        , then wrap a line of your crontab:
      </p>
      <CopyBlock label="Crontab line that reports its runs" text={`0 2 * * * ${wrap}`} />
      <p>Or report a run with curl; the schedule appears with its first check-in once you have named its times:</p>
      <CopyBlock label="Commands that name a schedule and report a run" text={`${nameIt()}\n\n${curl}`} />
    </Empty>
  );
}

function nameIt(): string {
  return `curl -X PUT ${location.origin}/api/v1/schedules/nightly-backup \\
  -H "Authorization: Bearer $DAYBOOK_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{ "cron": "0 2 * * *", "timeZone": "UTC", "graceSeconds": 900 }'`;
}
