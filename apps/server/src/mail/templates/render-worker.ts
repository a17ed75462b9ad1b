/** The thread in which templates are rendered: with little memory, and killed when it takes too long. */
import { parentPort } from "node:worker_threads";
import { type CheckOrder, checkSource } from "./check-source.ts";
import { type RenderOrder, renderMail } from "./render-job.ts";

/** What the thread is asked, one at a time. */
export type RenderTask = { render: RenderOrder } | { check: CheckOrder };

const port = parentPort;
if (port === null) throw new Error("render-worker.ts is a worker thread, not a program.");

port.on("message", (task: RenderTask) => {
  port.postMessage("render" in task ? renderMail(task.render) : checkSource(task.check));
});
port.postMessage("ready");
