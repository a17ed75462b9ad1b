import { type KeyboardEvent, type PointerEvent, useMemo, useRef, useState } from "react";
import { usePreference } from "../../lib/preference.ts";
import { useWidth } from "../../lib/size.ts";
import { spanText } from "../../lib/time-text.ts";
import { zone } from "../../lib/zone.ts";
import { barPath, linePath, type Step } from "./chart-steps.ts";

const HEIGHT = 44;

interface ChartProps {
  name: string;
  /** What its steps lead to. */
  rows: string;
  steps: readonly Step[];
  /** How the first of the values are drawn; the class gives the colour. Further ones are only told. */
  series: readonly { draw: "line" | "bar"; className: string }[];
  /** What a step says in words. */
  text: (step: Step) => string;
  /** Shows the rows of a step. */
  onOpen: (step: Step) => void;
}

/** A small chart whose every step opens its rows: by a click, or with the arrows and Enter. */
export function Chart({ name, rows, steps, series, text, onOpen }: ChartProps) {
  const choice = usePreference(zone);
  const plot = useRef<HTMLDivElement>(null);
  const width = useWidth(plot);
  const [at, setAt] = useState<number | null>(null);
  const top = useMemo(
    () => Math.max(1e-9, ...steps.flatMap(({ values }) => series.map((_, index) => values[index] ?? 0))),
    [steps, series],
  );
  const paths = useMemo(
    () =>
      series.map(({ draw, className }, index) => ({
        className,
        path: (draw === "line" ? linePath : barPath)(steps, index, top, width, HEIGHT),
      })),
    [series, steps, top, width],
  );
  const said = (step: Step | undefined) =>
    step ? `${spanText(step.startMs, step.endMs, choice)} · ${text(step)}` : "nothing in this range";
  const shown = at === null ? undefined : steps[at];
  const under = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const index = Math.floor(((event.clientX - box.left) / Math.max(1, box.width)) * steps.length);
    return Math.max(0, Math.min(steps.length - 1, index));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, Home: -1e6, End: 1e6 }[event.key];
    if (by !== undefined && steps.length > 0) {
      setAt(Math.max(0, Math.min(steps.length - 1, (at ?? steps.length) + by)));
      event.preventDefault();
    } else if (event.key === "Enter" && shown) {
      onOpen(shown);
      event.preventDefault();
    }
  };
  return (
    <div
      className="chart-plot"
      ref={plot}
      role="slider"
      tabIndex={0}
      aria-label={`${name} over time. Arrows move, Enter shows the ${rows}`}
      aria-valuemin={0}
      aria-valuemax={Math.max(0, steps.length - 1)}
      aria-valuenow={at ?? Math.max(0, steps.length - 1)}
      aria-valuetext={said(shown ?? steps.at(-1))}
      onPointerMove={(event) => setAt(under(event))}
      onPointerLeave={() => setAt(null)}
      onBlur={() => setAt(null)}
      onClick={() => shown && onOpen(shown)}
      onKeyDown={onKeyDown}
    >
      <svg width={width} height={HEIGHT} aria-hidden="true">
        {paths.map(({ className, path }) => (
          <path key={className} d={path} className={className} />
        ))}
      </svg>
      {shown && at !== null ? (
        <>
          <i className="chart-at" style={{ left: `${(at / steps.length) * 100}%`, width: `${100 / steps.length}%` }} />
          <span className="chart-note" data-end={at > steps.length / 2}>
            {said(shown)}
          </span>
        </>
      ) : null}
    </div>
  );
}
