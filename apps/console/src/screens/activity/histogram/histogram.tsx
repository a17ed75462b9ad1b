import { useQuery } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import { histogramQuery } from "../../../api/events.ts";
import { count, plural } from "../../../lib/numbers.ts";
import { usePreference } from "../../../lib/preference.ts";
import { useWidth } from "../../../lib/size.ts";
import { spanText } from "../../../lib/time-text.ts";
import { zone, zoneLabel } from "../../../lib/zone.ts";
import { useLogView } from "../view.ts";
import { type Bar, barsOf, outlines } from "./bars.ts";
import "./histogram.css";
import { ticksOf } from "./ticks.ts";
import { useBrush } from "./use-brush.ts";

const HEIGHT = 58;
/** Pixels that a label of the axis needs. */
const TICK_ROOM = 88;

/** When the events happened: a bar for each step of time. Drag over bars, or choose them with the keys, to narrow the range. */
export function HistogramBars() {
  const { question, rowsThere, change } = useLogView();
  const { data, error, isPlaceholderData } = useQuery({ ...histogramQuery(question), enabled: rowsThere });
  const choice = usePreference(zone);
  const bars = useMemo(() => (data ? barsOf(data) : []), [data]);
  const plot = useRef<HTMLDivElement>(null);
  const width = useWidth(plot);
  const brush = useBrush(bars, plot, (from, to) =>
    change({ from: new Date(from).toISOString(), to: new Date(to).toISOString(), range: undefined }),
  );
  const first = bars[0]?.startMs ?? 0;
  const last = bars.at(-1)?.endMs ?? 0;
  const paths = useMemo(() => outlines(bars, width, HEIGHT), [bars, width]);
  const ticks = useMemo(
    () =>
      bars.length > 0 && width > 0 ? ticksOf(first, last, Math.max(4, Math.floor(width / TICK_ROOM)), choice) : [],
    [bars.length, first, last, width, choice],
  );
  const said = bars[brush.at];
  return (
    <section className="histogram" aria-label="Events over time" data-waiting={isPlaceholderData}>
      <Caption bars={bars} capped={data?.relation === "gte"}>
        {bars.length > 0 ? `${spanText(first, last, choice)} · ${zoneLabel(choice)}` : ""}
      </Caption>
      {error && !data ? <p className="not-counted">Not counted: {error.message}</p> : null}
      <div
        className="plot"
        ref={plot}
        role="slider"
        tabIndex={0}
        aria-label="Time steps. Arrows move, Shift and arrows choose, Enter narrows the range"
        aria-valuemin={0}
        aria-valuemax={Math.max(0, bars.length - 1)}
        aria-valuenow={Math.max(0, brush.at)}
        aria-valuetext={said ? barText(said, choice) : "no events"}
        {...brush.handlers}
      >
        <svg width={width} height={HEIGHT} aria-hidden="true">
          <path d={paths.success} className="bar" />
          <path d={paths.denied} className="bar denied" />
          <path d={paths.failure} className="bar failure" />
        </svg>
        <Brushed bars={bars} brush={brush} choice={choice} />
      </div>
      <div className="ticks" aria-hidden="true">
        {ticks.map((tick) => (
          <span key={tick.ms} style={{ left: `${((tick.ms - first) / (last - first)) * 100}%` }}>
            {tick.label}
          </span>
        ))}
      </div>
    </section>
  );
}

interface CaptionProps {
  bars: Bar[];
  /** Only the newest events were counted. */
  capped: boolean;
  children: string;
}

function Caption({ bars, capped, children }: CaptionProps) {
  const sum = (part: (bar: Bar) => number) => bars.reduce((all, bar) => all + part(bar), 0);
  const total = sum((bar) => bar.total);
  const failed = sum((bar) => bar.failure);
  const denied = sum((bar) => bar.denied);
  const events = capped ? `${count(total)}+ events` : plural(total, "event");
  return (
    <div className="caption" aria-live="polite">
      <span title={capped ? "The newest events found were counted; there are more" : undefined}>
        {bars.length === 0 ? "\u00a0" : `${events} · ${children}`}
      </span>
      <span>
        {failed > 0 ? <span className="failed">{count(failed)} failed</span> : null}
        {failed > 0 && denied > 0 ? " · " : null}
        {denied > 0 ? <span className="denied">{count(denied)} denied</span> : null}
      </span>
    </div>
  );
}

interface BrushedProps {
  bars: Bar[];
  brush: ReturnType<typeof useBrush>;
  choice: string;
}

/** What the pointer or the keys are on: the chosen stretch, and what it holds in words. */
function Brushed({ bars, brush, choice }: BrushedProps) {
  const { at, stretch } = brush;
  const [start, end] = stretch ?? [at, at];
  const first = bars[start];
  const last = bars[end];
  if (!brush.shown || !first || !last) return null;
  const left = (start / bars.length) * 100;
  const wide = ((end - start + 1) / bars.length) * 100;
  const chosen = bars.slice(start, end + 1);
  const whole: Bar = {
    startMs: first.startMs,
    endMs: last.endMs,
    total: chosen.reduce((sum, bar) => sum + bar.total, 0),
    failure: chosen.reduce((sum, bar) => sum + bar.failure, 0),
    denied: chosen.reduce((sum, bar) => sum + bar.denied, 0),
  };
  const middle = left + wide / 2;
  return (
    <>
      <div className={stretch ? "brushed chosen" : "brushed"} style={{ left: `${left}%`, width: `${wide}%` }} />
      <div className="bar-note" style={{ left: `clamp(110px, ${middle}%, calc(100% - 110px))` }}>
        {barText(whole, choice)}
      </div>
    </>
  );
}

function barText(bar: Bar, choice: string): string {
  const parts = [spanText(bar.startMs, bar.endMs, choice), plural(bar.total, "event")];
  if (bar.failure > 0) parts.push(`${count(bar.failure)} failed`);
  if (bar.denied > 0) parts.push(`${count(bar.denied)} denied`);
  return parts.join(" · ");
}
