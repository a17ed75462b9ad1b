import type { UpcomingRun } from "@daybook/contract";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { upcomingQuery } from "../../api/schedules.ts";
import { useMedia } from "../../lib/media.ts";
import { plural } from "../../lib/numbers.ts";
import { usePreference } from "../../lib/preference.ts";
import { clockTime } from "../../lib/time-text.ts";
import { zone, zoneLabel } from "../../lib/zone.ts";
import { ticksOf } from "../activity/histogram/ticks.ts";

const HOURS = 24;
/** Schedules that have a line of their own at first. */
const LANES = 8;
/** Of more runs than this, only the stretch that they fill is drawn. */
const TICKS_MAX = 160;

interface Lane {
  name: string;
  atMs: number[];
}

/** When what will run in the next 24 hours: a line for each schedule, the rarest first. */
export function Upcoming({ workspace }: { workspace: string }) {
  const read = useQuery(upcomingQuery(workspace, HOURS));
  const choice = usePreference(zone);
  const narrow = useMedia("(width < 900px)");
  const [all, setAll] = useState(false);
  const lanes = useMemo(() => lanesOf(read.data?.items ?? []), [read.data]);
  if (!read.data || lanes.length === 0) return null;
  const from = read.dataUpdatedAt;
  const to = from + HOURS * 3_600_000;
  const { items, total } = read.data;
  const lastMs = total.relation === "gte" ? Date.parse(items.at(-1)?.at ?? "") : undefined;
  const shown = all ? lanes : lanes.slice(0, LANES);
  return (
    <section className="upcoming" aria-label="The next 24 hours">
      <h2>
        The next 24 hours <span className="faint">{zoneLabel(choice)}</span>
        {lastMs === undefined ? null : (
          <span className="faint"> · very many runs: those until {clockTime(lastMs, choice)}</span>
        )}
      </h2>
      <ul>
        {shown.map((lane) => (
          <LaneLine key={lane.name} workspace={workspace} lane={lane} from={from} to={to} choice={choice} />
        ))}
      </ul>
      <div className="ticks upcoming-ticks" aria-hidden="true">
        {ticksOf(from, to, narrow ? 3 : 10, choice).map((tick) => (
          <span key={tick.ms} style={{ left: `${((tick.ms - from) / (to - from)) * 100}%` }}>
            {tick.label}
          </span>
        ))}
      </div>
      {lanes.length > LANES ? (
        <button type="button" className="linklike" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? "Fewer" : `${plural(lanes.length - LANES, "more schedule")}`}
        </button>
      ) : null}
    </section>
  );
}

interface LaneLineProps {
  workspace: string;
  lane: Lane;
  from: number;
  to: number;
  choice: string;
}

function LaneLine({ workspace, lane: { name, atMs }, from, to, choice }: LaneLineProps) {
  const place = (ms: number) => Math.round(((ms - from) / (to - from)) * 10_000) / 10;
  const dense = atMs.length > TICKS_MAX;
  const first = atMs[0] ?? from;
  const path = dense
    ? `M${place(first)} 8H${place(atMs.at(-1) ?? to)}`
    : atMs.map((ms) => `M${place(ms)} 2.5v11`).join("");
  const [next] = atMs;
  const text = `${plural(atMs.length, "run")}${next === undefined ? "" : `, the next at ${clockTime(next, choice)}`}`;
  return (
    <li>
      <Link className="cut" to="/w/$workspace/schedules/$name" params={{ workspace, name }} title={name}>
        {name}
      </Link>
      <svg viewBox="0 0 1000 16" preserveAspectRatio="none" role="img" aria-label={text}>
        <title>{text}</title>
        <path d="M0 8H1000" className="lane" />
        <path d={path} className={dense ? "dense" : "run"} />
      </svg>
      <span className="faint">
        {atMs.length === 1 && next !== undefined ? clockTime(next, choice) : `${atMs.length} ×`}
      </span>
    </li>
  );
}

function lanesOf(runs: readonly UpcomingRun[]): Lane[] {
  const lanes = new Map<string, number[]>();
  for (const { name, at } of runs) {
    const times = lanes.get(name);
    if (times) times.push(Date.parse(at));
    else lanes.set(name, [Date.parse(at)]);
  }
  return [...lanes]
    .map(([name, atMs]) => ({ name, atMs: atMs.sort((a, b) => a - b) }))
    .sort((a, b) => a.atMs.length - b.atMs.length || (a.atMs[0] ?? 0) - (b.atMs[0] ?? 0));
}
