import type { Finding } from "@daybook/contract";
import { howLong } from "../../schedules/state.ts";
import { count, some } from "./amounts.ts";
import type { Facts } from "./facts.ts";

/** Tasks wait whose type no living worker takes. */
export function handlerMissing({ nowMs, role, workers, tasks }: Facts): Finding[] {
  if (workers.alive.length === 0) return [];
  const taken = new Set(workers.alive.flatMap((worker) => worker.types));
  const types = [...taken].sort();
  return tasks.due
    .filter((each) => !taken.has(each.type))
    .map((each) => ({
      code: "handler_missing",
      about: each.type,
      severity: "critical",
      title: `No worker runs tasks of the type ${each.type}`,
      found: `${count(each.count, "task")} ${each.count === 1 ? "waits" : "wait"}, the oldest for ${howLong(nowMs - each.oldestMs)}. ${count(workers.alive.length, "worker")} ${workers.alive.length === 1 ? "is" : "are"} alive and ${types.length === 0 ? "take no type" : `take ${some(types, 8)}`}.`,
      mend: `Start a worker that knows the type: one with its handler (DAYBOOK_HANDLERS_FILE) or its command (DAYBOOK_COMMANDS_FILE). If the panel runs the type, set its endpoint instead (PUT /api/v1/task-types/${each.type}).`,
      command: `systemctl restart ${role === "all" ? "daybook" : "daybook-worker"}   # so that it reads its configuration again`,
      screens: ["tasks"],
      link: `/tasks?status=pending&type=${encodeURIComponent(each.type)}`,
    }));
}
