/** Durations are counted in steps of an eighth of an octave from 1 ms: step n holds [2^(n/8), 2^((n+1)/8)) ms, so a percentile is true to 9 %. */
const STEPS_AN_OCTAVE = 8;
/** Beyond 2^40 ms (35 years) nothing is told apart. */
const STEPS = 40 * STEPS_AN_OCTAVE;

/** The step, from 0, into which a duration falls. */
export function stepOf(ms: number): number {
  if (ms < 1) return 0;
  return Math.min(STEPS - 1, Math.floor(Math.log2(ms) * STEPS_AN_OCTAVE));
}

/** Adds counts that may differ in length; the longer one says how long. */
export function addSteps(a: readonly number[], b: readonly number[]): number[] {
  const [long, short] = a.length >= b.length ? [a, b] : [b, a];
  return long.map((count, step) => count + (short[step] ?? 0));
}

/** The duration in ms below which a share of those counted lies; undefined of none. The middle of its step, by ratio. */
export function percentileOf(steps: readonly number[], share: number): number | undefined {
  const total = steps.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  const wanted = Math.max(1, Math.ceil(total * share));
  let seen = 0;
  for (const [step, count] of steps.entries()) {
    seen += count;
    if (seen >= wanted) return Math.round(2 ** ((step + 0.5) / STEPS_AN_OCTAVE));
  }
  return undefined;
}

/** The counts in an array as PostgreSQL writes it: `{1,0,2}`. */
export function stepsOf(text: string): number[] {
  return JSON.parse(`[${text.slice(1, -1)}]`) as number[];
}
