/** One step of time in a chart. */
export interface Step {
  startMs: number;
  endMs: number;
  /** Null: nothing to show in this step. */
  values: readonly (number | null)[];
}

/** Figures by steps of time; a step without any may be left out. */
export interface Stats<Bucket extends { start: string }> {
  bucketMs: number;
  buckets: readonly Bucket[];
}

/** The buckets as steps without holes. */
export function stepsOf<Bucket extends { start: string }>(
  stats: Stats<Bucket>,
  values: (bucket: Bucket | undefined) => Step["values"],
): Step[] {
  const { bucketMs, buckets } = stats;
  const byStart = new Map(buckets.map((bucket) => [Date.parse(bucket.start), bucket]));
  const starts = [...byStart.keys()];
  if (starts.length === 0) return [];
  const steps: Step[] = [];
  const last = Math.max(...starts);
  for (let startMs = Math.min(...starts); startMs <= last && steps.length < 1_000; startMs += bucketMs)
    steps.push({ startMs, endMs: startMs + bucketMs, values: values(byStart.get(startMs)) });
  return steps;
}

/** A line through the values that are there; it breaks where there are none, and a value alone is a short dash. */
export function linePath(steps: readonly Step[], at: number, most: number, width: number, height: number): string {
  const step = width / Math.max(1, steps.length);
  let path = "";
  let open = false;
  steps.forEach(({ values }, index) => {
    const value = values[at];
    if (value === null || value === undefined) {
      open = false;
      return;
    }
    const y = round(height - 1 - (value / most) * (height - 4));
    path += open
      ? `L${round((index + 0.5) * step)} ${y}`
      : `M${round((index + 0.3) * step)} ${y}H${round((index + 0.5) * step)}`;
    open = true;
  });
  return path;
}

/** A bar for each value. */
export function barPath(steps: readonly Step[], at: number, most: number, width: number, height: number): string {
  const step = width / Math.max(1, steps.length);
  const gap = step > 4 ? 1 : 0;
  return steps
    .map(({ values }, index) => {
      const value = values[at] ?? 0;
      if (value <= 0) return "";
      const tall = Math.max(2, (value / most) * (height - 2));
      return `M${round(index * step)} ${height}v${round(-tall)}h${round(step - gap)}v${round(tall)}z`;
    })
    .join("");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
