import type { Histogram } from "../../../api/events.ts";

/** One bar in the picture: its place in pixels and its parts by outcome. */
export interface Bar {
  startMs: number;
  endMs: number;
  total: number;
  failure: number;
  denied: number;
}

/** The bars of a histogram, without holes: a bucket that the server left out is an empty bar. */
export function barsOf(histogram: Histogram): Bar[] {
  const { bucketMs, buckets } = histogram;
  const bars: Bar[] = [];
  for (const bucket of buckets) {
    const startMs = Date.parse(bucket.start);
    let last = bars.at(-1);
    while (last && last.endMs < startMs && bars.length < 1000) {
      last = { startMs: last.endMs, endMs: last.endMs + bucketMs, total: 0, failure: 0, denied: 0 };
      bars.push(last);
    }
    const { failure = 0, denied = 0 } = bucket.byOutcome;
    bars.push({ startMs, endMs: startMs + bucketMs, total: bucket.total, failure, denied });
  }
  return bars;
}

/** The outlines of all bars in three paths, one for each colour: failures at the foot, then denials, then the rest. */
export function outlines(bars: readonly Bar[], width: number, height: number) {
  const most = Math.max(1, ...bars.map((bar) => bar.total));
  const step = width / Math.max(1, bars.length);
  const gap = step > 4 ? Math.min(1.6, step * 0.22) : step > 2 ? 0.6 : 0;
  const paths = { failure: "", denied: "", success: "" };
  bars.forEach((bar, index) => {
    let foot = height;
    for (const [name, events] of [
      ["failure", bar.failure],
      ["denied", bar.denied],
      ["success", bar.total - bar.failure - bar.denied],
    ] as const) {
      if (events <= 0) continue;
      // Two pixels at least: a single failure among thousands must be seen.
      const tall = Math.max(2, (events / most) * (height - 2));
      paths[name] += `M${round(index * step)} ${round(foot)}v${round(-tall)}h${round(step - gap)}v${round(tall)}z`;
      foot -= tall;
    }
  });
  return paths;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
