export { CallbackError, type PanelCall, type VerifyOptions, verifyCallback } from "./callback.ts";
export { Daybook, type DaybookOptions } from "./daybook.ts";
export type { EventRecorder, EventsOptions } from "./events.ts";
export { DaybookError } from "./fault.ts";
export type { Schedules } from "./schedules.ts";
export type { Spool, SpooledBatch } from "./spool.ts";
export type { TaskHandle } from "./task-handle.ts";
export type { StartedTask, Tasks } from "./tasks.ts";
export { uuidv7 } from "./uuid.ts";
