// biome-ignore-all lint/a11y/useSemanticElements: a table element cannot be drawn in part and scrolled at 60 frames a second
// biome-ignore-all lint/a11y/useFocusableInteractive: the links in the rows have the focus
import type { Schedule } from "@daybook/contract";
import { Link } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useEffect, useRef } from "react";
import { durationText } from "../../lib/duration-text.ts";
import { ShortTime } from "../../ui/time.tsx";
import { Countdown } from "./countdown.tsx";
import { RunStrip } from "./run-strip.tsx";
import { ScheduleActs } from "./schedule-acts.tsx";
import { runWords, StateMark } from "./state-mark.tsx";

const ROW_PX = 52;
const NARROW_ROW_PX = 128;

const columns = ["State", "Schedule", "Last runs", "Success", "Last run", "Next run", "Acts"] as const;

interface ScheduleListProps {
  workspace: string;
  schedules: readonly Schedule[];
  narrow: boolean;
  /** What stands above and scrolls along. */
  above: React.ReactNode;
}

/** The schedules, those in trouble first; only those in sight are drawn. */
export function ScheduleList({ workspace, schedules, narrow, above }: ScheduleListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const head = useRef<HTMLDivElement>(null);
  const rowPx = narrow ? NARROW_ROW_PX : ROW_PX;
  const virtual = useVirtualizer({
    count: schedules.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: 8,
    scrollMargin: head.current?.offsetTop ?? 0,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the rows are measured anew when their height changes
  useEffect(() => virtual.measure(), [rowPx]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable with the keyboard
    <div className="schedule-scroll" ref={scroller} tabIndex={0} role="region" aria-label="Schedules">
      {above}
      <div
        className="schedule-table"
        ref={head}
        role="table"
        aria-label="Schedules"
        aria-rowcount={schedules.length + 1}
        data-narrow={narrow}
      >
        <div role="rowgroup" className={narrow ? "only-read" : "schedule-head"}>
          <div role="row" className="schedule-row">
            {columns.map((column) => (
              <span role="columnheader" key={column}>
                {column === "Acts" ? <span className="only-read">{column}</span> : column}
              </span>
            ))}
          </div>
        </div>
        <div role="rowgroup" className="schedule-rows" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const schedule = schedules[index];
            return schedule ? (
              <Row
                key={schedule.name}
                workspace={workspace}
                schedule={schedule}
                index={index}
                top={start - virtual.options.scrollMargin}
              />
            ) : null;
          })}
        </div>
      </div>
    </div>
  );
}

interface RowProps {
  workspace: string;
  schedule: Schedule;
  index: number;
  top: number;
}

const Row = memo(function Row({ workspace, schedule, index, top }: RowProps) {
  const { name, state, stateReason, inWords, recentRuns, successRate, kind, task, nextRunAt } = schedule;
  return (
    <div
      role="row"
      className="schedule-row"
      aria-rowindex={index + 2}
      data-schedule={name}
      style={{ transform: `translateY(${top}px)` }}
    >
      <span role="cell" className="at-state">
        <StateMark state={state} reason={stateReason} />
      </span>
      <span role="cell" className="at-name">
        <Link to="/w/$workspace/schedules/$name" params={{ workspace, name }}>
          {name}
        </Link>
        <span className="soft cut" title={`${inWords} · ${schedule.cron}`}>
          {inWords}
          <span className="faint"> · {kindText(kind, task?.type)}</span>
        </span>
      </span>
      <span role="cell" className="at-strip">
        <RunStrip workspace={workspace} name={name} runs={recentRuns} />
      </span>
      <span role="cell" className="at-rate">
        {successRate === undefined ? <span className="faint">–</span> : rateText(successRate)}
      </span>
      <span role="cell" className="at-last">
        <LastRun schedule={schedule} />
      </span>
      <span role="cell" className="at-next">
        {nextRunAt ? <Countdown at={nextRunAt} /> : <span className="faint">–</span>}
      </span>
      <span role="cell" className="at-acts">
        <ScheduleActs workspace={workspace} schedule={schedule} />
      </span>
    </div>
  );
});

function LastRun({ schedule: { lastRun } }: { schedule: Schedule }) {
  if (!lastRun) return <span className="faint">never ran</span>;
  const at = lastRun.startedAt ?? lastRun.dueAt ?? lastRun.finishedAt;
  return (
    <>
      <span className="run-word" data-run={lastRun.state}>
        {runWords[lastRun.state]}
      </span>
      {at ? (
        <span className="soft">
          {" "}
          <ShortTime at={at} />
        </span>
      ) : null}
      {lastRun.durationMs === undefined ? null : (
        <span className={lastRun.slow ? "run-took slow" : "run-took faint"}>
          {durationText(lastRun.durationMs)}
          {lastRun.slow ? " slow" : ""}
        </span>
      )}
    </>
  );
}

/** Who runs it. */
export function kindText(kind: Schedule["kind"], type: string | undefined): string {
  if (kind === "task") return `runs ${type ?? "a task"}`;
  return kind === "monitored" ? "runs in the panel's cron" : "house-keeping of Daybook";
}

export function rateText(rate: number): string {
  const percent = rate * 100;
  return `${percent === 100 || percent === 0 ? percent : percent > 99 || percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`;
}
