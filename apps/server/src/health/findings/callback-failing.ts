import type { Finding } from "@daybook/contract";
import { clock, howLong } from "../../schedules/state.ts";
import { count, quoted } from "./amounts.ts";
import type { Facts } from "./facts.ts";

/** The panel does not answer when it is asked to retry or cancel a task. */
export function callbackFailing({ nowMs, callbacks }: Facts): Finding[] {
  return callbacks.map(({ url, waiting, givenUp, tries, askedMs, nextTryMs, answer, taskId }) => {
    const parts = [
      waiting === 0 ? [] : [`${count(waiting, "request")} ${waiting === 1 ? "waits" : "wait"}`],
      givenUp === 0 ? [] : [`${count(givenUp, "request")} ${givenUp === 1 ? "was" : "were"} given up after an hour`],
    ].flat();
    const next =
      nextTryMs === undefined ? "" : ` The next try is ${nextTryMs <= nowMs ? "due now" : `at ${clock(nextTryMs)}`}.`;
    return {
      code: "callback_failing",
      about: url,
      severity: givenUp > 0 ? "critical" : "warning",
      title: "The panel does not answer",
      found: `${parts.join(", ")}; the first was asked ${howLong(nowMs - askedMs)} ago, tried ${count(tries, "time")}. The last answer of ${url}: ${answer}.${next}`,
      mend: `See whether the panel runs and can be reached from the machine of the worker. The address, its answer and the secret are those of the task's type (PUT /api/v1/task-types/…). Nothing is lost meanwhile: requests are tried for an hour, and can be made again.`,
      command: `curl -sS -o /dev/null -w '%{http_code}\\n' -X POST ${quoted(url)}   # run it where the worker runs`,
      screens: ["tasks"],
      link: waiting + givenUp === 1 ? `/tasks/${taskId}` : "/tasks",
    };
  });
}
