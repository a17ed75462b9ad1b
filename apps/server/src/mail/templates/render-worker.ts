/** The thread in which templates are rendered: with little memory, and killed when it takes too long. */
import { parentPort } from "node:worker_threads";
import { type CheckOrder, checkSource } from "./check-source.ts";
import { type RenderOrder, renderMail, textOf } from "./render-job.ts";

/** What the thread is asked, one at a time. */
export type RenderTask = { render: RenderOrder } | { check: CheckOrder } | { textOf: string };

const port = parentPort;
if (port === null) throw new Error("render-worker.ts is a worker thread, not a program.");

port.on("message", (task: RenderTask) => {
  port.postMessage(answerTo(task));
});
port.postMessage("ready");

function answerTo(task: RenderTask) {
  if ("render" in task) return renderMail(task.render);
  return "check" in task ? checkSource(task.check) : textOf(task.textOf);
}
