import type { TaskStats } from "@daybook/contract";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { taskStatsQuery, taskTypesQuery } from "../../../api/tasks.ts";
import { durationText } from "../../../lib/duration-text.ts";
import { count, plural } from "../../../lib/numbers.ts";
import { Chart } from "../../../ui/chart/chart.tsx";
import { type Step, stepsOf } from "../../../ui/chart/chart-steps.ts";
import { Ago } from "../../../ui/time.tsx";
import type { TaskPatch, TaskView } from "../use-task-view.ts";
import "./charts.css";
import { TypeFigures } from "./type-figures.tsx";

type Bucket = TaskStats["buckets"][number];

const BUCKETS = 60;

const durationSeries = [
  { draw: "line", className: "line p95" },
  { draw: "line", className: "line p50" },
] as const;
const failureSeries = [{ draw: "bar", className: "bar failure" }] as const;
const busySeries = [{ draw: "bar", className: "bar" }] as const;

/** How long tasks take, how many fail, what waits, and how busy the workers are; each leads to its rows. */
export function TaskCharts({ view, ready }: { view: TaskView; ready: boolean }) {
  const { workspace, filter, change } = view;
  const type = useTypesMeant(view);
  const { type: _, ...others } = filter;
  const asked = { workspace, filter: { ...others, ...(type && { type }) } };
  const read = useQuery({ ...taskStatsQuery(asked, BUCKETS), enabled: ready && type !== null });
  if (read.isError && !read.data)
    return <p className="task-charts not-counted">The charts could not be read: {read.error.message}</p>;
  const open = (patch: TaskPatch) => (step: Step) =>
    change({
      ...patch,
      slow: undefined,
      task: undefined,
      from: new Date(step.startMs).toISOString(),
      to: new Date(step.endMs).toISOString(),
      range: undefined,
    });
  return (
    <section className="task-charts" aria-label="Charts" data-waiting={read.isPlaceholderData}>
      <Durations stats={read.data} onOpen={open({ status: "completed,failed" })} view={view} />
      <Failures stats={read.data} onOpen={open({ status: "failed" })} change={change} />
      <Queue stats={read.data} change={change} />
      <Utilisation stats={read.data} onOpen={open({ status: undefined })} />
    </section>
  );
}

/** The types that the filter means: figures are kept for each type, so `instance.*` is written out. Null: not known yet. */
function useTypesMeant({ workspace, filter: { type } }: TaskView): string | null | undefined {
  const wide = type?.includes("*") ?? false;
  const known = useQuery({ ...taskTypesQuery(workspace), enabled: wide }).data;
  if (!wide || type === undefined) return type;
  if (known === undefined) return null;
  const wanted = type.split(",").map((each) => each.trim());
  const fits = (name: string) =>
    wanted.some((each) => (each.endsWith("*") ? name.startsWith(each.slice(0, -1)) : name === each));
  return known
    .map((each) => each.type)
    .filter(fits)
    .join();
}

interface PartProps {
  stats: TaskStats | undefined;
  onOpen: (step: Step) => void;
}

function Durations({ stats, onOpen, view }: PartProps & { view: TaskView }) {
  const steps = useSteps(stats, (bucket) => [bucket?.p95Ms ?? null, bucket?.p50Ms ?? null]);
  const last = steps.findLast(({ values }) => values[0] !== null);
  const [p95, p50] = last?.values ?? [];
  return (
    <figure>
      <figcaption>
        <span title="The last step of the chart">
          Latest durations{isNarrower(view) ? " of all tasks in the range" : ""}
        </span>
        <TypeFigures stats={stats} view={view} />
      </figcaption>
      <p className="figure">
        <b className="p50">{text(p50)}</b> p50 <b className="p95">{text(p95)}</b> p95
      </p>
      <Chart
        name="Duration"
        rows="tasks"
        steps={steps}
        series={durationSeries}
        text={({ values }) => (values[0] == null ? "nothing ended" : `p50 ${text(values[1])}, p95 ${text(values[0])}`)}
        onOpen={onOpen}
      />
    </figure>
  );
}

function Failures({ stats, onOpen, change }: PartProps & { change: TaskView["change"] }) {
  const steps = useSteps(stats, (bucket) => [
    bucket && bucket.finished > 0 ? bucket.failed / bucket.finished : null,
    bucket?.failed ?? 0,
    bucket?.finished ?? 0,
  ]);
  const sum = (at: number) => steps.reduce((all, { values }) => all + (values[at] ?? 0), 0);
  const failed = sum(1);
  const finished = sum(2);
  return (
    <figure>
      <figcaption>Failure rate</figcaption>
      <p className="figure">
        <b>{finished > 0 ? percent(failed / finished) : "–"}</b>{" "}
        <button type="button" className="linklike" onClick={() => change({ status: "failed", slow: undefined })}>
          {count(failed)} of {count(finished)}
        </button>
      </p>
      <Chart
        name="Failure rate"
        rows="tasks"
        steps={steps}
        series={failureSeries}
        text={({ values }) => `${count(values[1] ?? 0)} of ${plural(values[2] ?? 0, "task")} failed`}
        onOpen={onOpen}
      />
    </figure>
  );
}

function Queue({ stats, change }: { stats: TaskStats | undefined; change: TaskView["change"] }) {
  const now = stats?.now;
  const show = (status: string) => () =>
    change({ status, slow: undefined, range: "all", from: undefined, to: undefined });
  return (
    <figure>
      <figcaption>Queue now</figcaption>
      <p className="figure">
        <button type="button" className="big-link" onClick={show("pending")}>
          <b>{now ? count(now.pending) : "–"}</b> pending
        </button>
        <button type="button" className="big-link" onClick={show("running")}>
          <b>{now ? count(now.running) : "–"}</b> running
        </button>
      </p>
      <p className="figure-note">
        {now?.oldestPendingAt ? (
          <>
            The oldest was queued <Ago at={now.oldestPendingAt} />.
          </>
        ) : now ? (
          "Nothing waits."
        ) : null}
      </p>
    </figure>
  );
}

function Utilisation({ stats, onOpen }: PartProps) {
  const bucketMs = stats?.bucketMs ?? 1;
  const steps = useSteps(stats, (bucket) => [(bucket?.busyMs ?? 0) / bucketMs]);
  const now = stats?.now;
  return (
    <figure>
      <figcaption>Utilisation</figcaption>
      <p className="figure">
        <b>{now ? loadText(now) : "–"}</b>{" "}
        {now ? (
          <span className="faint">
            {now.workers > 0 ? `${plural(now.workers, "worker")}, ${plural(now.slots, "place")}` : "no worker here"}
          </span>
        ) : null}
      </p>
      <Chart
        name="Tasks running at a time"
        rows="tasks"
        steps={steps}
        series={busySeries}
        text={({ values }) => `${(values[0] ?? 0).toFixed(1)} running at a time`}
        onOpen={onOpen}
      />
    </figure>
  );
}

/** Whether the list shows less than the charts, which know ranges and types. */
function isNarrower({ filter: { user, node, target, schedule, parent, q } }: TaskView): boolean {
  return [user, node, target, schedule, parent, q].some((value) => value !== undefined);
}

/** How much of what the workers can do is done. Tasks of the panel need no place; with more of them than places a share says nothing. */
function loadText({ running, slots }: TaskStats["now"]): string {
  return slots > 0 && running <= slots ? percent(running / slots) : `${count(running)} at a time`;
}

function useSteps(stats: TaskStats | undefined, values: (bucket: Bucket | undefined) => Step["values"]): Step[] {
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is taken from a bucket never changes
  return useMemo(() => (stats ? stepsOf(stats, values) : []), [stats]);
}

function text(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? "–" : durationText(ms);
}

function percent(part: number): string {
  return `${part > 0 && part < 0.1 ? (part * 100).toFixed(1) : Math.round(part * 100)} %`;
}
