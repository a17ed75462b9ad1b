import { type TaskTypeSettings, taskTypeName, taskTypeSettingsSchema } from "@daybook/contract";
import type { z } from "zod";

/** What a handler is given besides its payload. */
export interface TaskContext {
  task: {
    id: string;
    type: string;
    attempt: number;
    workspaceId: number;
    targets: readonly { type: string; id: string }[];
  };
  /** Aborted when the time is up, or when the worker must not go on: stop then. */
  signal: AbortSignal;
  /** Percent. */
  progress(percent: number): void;
  /** A line of output; several if it holds line breaks. */
  line(text: string): void;
  /** The same on the other stream, for what went wrong. */
  err(text: string): void;
}

/** Settings of a type that its definition decides. */
export type TaskOptions = Partial<
  Pick<TaskTypeSettings, "title" | "idempotent" | "retries" | "backoffSeconds" | "timeoutSeconds" | "concurrency"> &
    Pick<TaskDefinition, "quiet">
>;

/** A type of task that a worker of Daybook runs. */
export interface TaskDefinition {
  type: string;
  kind: "handler" | "command";
  settings: TaskTypeSettings;
  /** What happens to its tasks is counted and makes no events: something else tells of them. */
  quiet?: boolean | undefined;
  /** Checks a payload when the task is made; throws ZodError. */
  check: (payload: unknown) => unknown;
  run: (payload: unknown, context: TaskContext) => Promise<unknown>;
}

/** A failure that a further attempt would not mend: the task fails for good. */
export class PermanentError extends Error {
  override name = "PermanentError";
}

/** A failure after which the handler says itself when the next attempt comes, whatever the type's backoff and retries. */
export class RetryLater extends Error {
  override name = "RetryLater";
  readonly waitMs: number;

  constructor(waitMs: number, message: string) {
    super(message);
    this.waitMs = Math.max(0, waitMs);
  }
}

/**
 * Defines a type of task with a TypeScript handler. What it returns is the task's result; what it throws is its error (`code` of the error is
 * kept). It is tried again only if it is `idempotent` and has `retries` left.
 */
export function defineTask<Schema extends z.ZodType>(
  type: string,
  schema: Schema,
  handler: (payload: z.output<Schema>, context: TaskContext) => Promise<unknown>,
  { quiet, ...options }: TaskOptions = {},
): TaskDefinition {
  return {
    type: taskTypeName.parse(type),
    kind: "handler",
    settings: taskTypeSettingsSchema.parse(options),
    ...(quiet === undefined ? {} : { quiet }),
    check: (payload) => schema.parse(payload),
    run: (payload, context) => handler(schema.parse(payload), context),
  };
}
