import type { Schedule } from "@daybook/contract";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { pauseSchedule, runSchedule } from "../../api/schedules.ts";
import { useMay } from "../../lib/may.ts";

/** Run now, pause and resume. */
export function ScheduleActs({ workspace, schedule }: { workspace: string; schedule: Schedule }) {
  const client = useQueryClient();
  const may = useMay("schedules.write");
  const { name, kind, state } = schedule;
  const paused = state === "paused";
  const refresh = () => {
    for (const key of ["schedules", "schedule", "schedule-runs", "upcoming-runs"])
      void client.invalidateQueries({ queryKey: [key, workspace] });
  };
  const act = useMutation({
    mutationFn: async (what: "run" | "pause" | "resume"): Promise<void> => {
      if (what === "run") await runSchedule(workspace, name);
      else await pauseSchedule(workspace, name, what === "pause");
    },
    onSettled: refresh,
  });
  if (!may) return null;
  return (
    <span className="schedule-acts">
      {kind === "monitored" ? null : (
        <button
          type="button"
          className="btn small"
          aria-label={`Run ${name} now`}
          title="Runs it once, now; its times stay as they are"
          disabled={act.isPending}
          onClick={() => act.mutate("run")}
        >
          {act.isSuccess && act.variables === "run" ? "Started" : "Run now"}
        </button>
      )}
      <button
        type="button"
        className="btn small"
        aria-label={`${paused ? "Resume" : "Pause"} ${name}`}
        disabled={act.isPending}
        onClick={() => act.mutate(paused ? "resume" : "pause")}
      >
        {paused ? "Resume" : "Pause"}
      </button>
      {act.isError ? (
        <span className="fault" role="alert">
          {act.error.message}
        </span>
      ) : null}
    </span>
  );
}
