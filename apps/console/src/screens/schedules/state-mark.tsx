import type { RunState, ScheduleState } from "@daybook/contract";

/** Each state has a shape of its own on a grid of 12. */
const shapes: Record<ScheduleState, React.ReactNode> = {
  new: <circle cx="6" cy="6" r="4.25" strokeDasharray="2.2 2.25" />,
  up: <path d="M2.25 6.5l2.5 2.5 5-6" />,
  late: <path d="M6 1.75a4.25 4.25 0 1 1 0 8.5a4.25 4.25 0 1 1 0-8.5M6 3.5V6l1.75 1.25" />,
  down: <path d="M6 1.5 11 10.25H1zM6 4.75v2.25M6 8.6v.05" />,
  paused: <path d="M4 2.5v7M8 2.5v7" />,
};

/** The state of a schedule: shape, colour and word; why, on hover. */
export function StateMark({ state, reason }: { state: ScheduleState; reason?: string }) {
  return (
    <span className="state-mark" data-state={state} title={reason}>
      <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
        {shapes[state]}
      </svg>
      {state}
    </span>
  );
}

export const runWords: Record<RunState, string> = {
  waiting: "waiting",
  running: "running",
  succeeded: "succeeded",
  failed: "failed",
  missed: "missed",
  skipped: "left out",
  lost: "lost",
};
