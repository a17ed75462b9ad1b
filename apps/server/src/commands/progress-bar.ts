const BAR_CELLS = 24;
/** Often enough to look alive, seldom enough to cost nothing. */
const REDRAW_MS = 100;

export interface ProgressBar {
  /** `done` of the bar's total; `remark` stands behind the bar. */
  show(done: number, remark: string): void;
  /** Takes the bar away. */
  end(): void;
}

/** A bar for a line that is redrawn (`ctx.progress`). Without a total, only the remark and the time are shown. */
export function progressBar(draw: (line: string) => void, total: number | undefined, clock: () => number): ProgressBar {
  const startedAt = clock();
  let drawnAt = 0;
  return {
    show(done, remark) {
      const now = clock();
      if (now - drawnAt < REDRAW_MS) return;
      drawnAt = now;
      const seconds = (now - startedAt) / 1000;
      if (total === undefined || total === 0) {
        draw(`${remark} · ${duration(seconds)}`);
        return;
      }
      const part = Math.min(1, done / total);
      const cells = Math.round(part * BAR_CELLS);
      const bar = "█".repeat(cells) + "░".repeat(BAR_CELLS - cells);
      const left = part > 0.01 && seconds > 2 ? ` · ${duration((seconds / part) * (1 - part))} left` : "";
      draw(`${bar} ${String(Math.floor(part * 100)).padStart(3)} % · ${remark}${left}`);
    },
    end() {
      draw("");
    },
  };
}

/** `9 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
