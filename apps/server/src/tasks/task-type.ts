import { type TaskExecutor, type TaskTypeSettings, taskTypeSettingsSchema } from "@daybook/contract";
import type { Pool } from "pg";
import type { TaskDefinition } from "./define-task.ts";

/** How tasks of a type run, in one workspace. */
export interface TypeRule extends TaskTypeSettings {
  type: string;
  executor: TaskExecutor;
  source: "seen" | "api" | "config" | "handler";
  definition?: TaskDefinition | undefined;
  /** Signs calls to the panel; as it is stored (type-secret.ts). */
  secret?: string | undefined;
  secretSince?: Date | undefined;
}

/** How long a rule that was read is believed; a change by another server is seen by then. */
const BELIEVED_MS = 2_000;

interface TypeRow {
  type: string;
  settings: TaskTypeSettings;
  secret: string | null;
  secret_since: Date | null;
}

/** Which types Daybook runs, and how: handlers and commands for every workspace, what the API set for one. */
export class TypeBook {
  readonly #db: Pool;
  readonly #definitions = new Map<string, TaskDefinition>();
  readonly #read = new Map<number, { rules: Promise<Map<string, TypeRule>>; untilMs: number }>();

  constructor(db: Pool) {
    this.#db = db;
  }

  /** Makes a handler or command known. Throws if the type has one. */
  define(definition: TaskDefinition): void {
    if (this.#definitions.has(definition.type)) throw new Error(`the task type ${definition.type} is defined twice`);
    this.#definitions.set(definition.type, definition);
  }

  /** What this process can run by itself. */
  definitions(): readonly TaskDefinition[] {
    return [...this.#definitions.values()];
  }

  /** The rule of a type; of one that nobody has defined, that its tasks are reported. */
  async of(workspaceId: number, type: string): Promise<TypeRule> {
    return (
      (await this.all(workspaceId)).get(type) ?? {
        ...taskTypeSettingsSchema.parse({}),
        type,
        executor: "reported",
        source: "seen",
      }
    );
  }

  /** Every type that is defined, by name. */
  all(workspaceId: number): Promise<Map<string, TypeRule>> {
    const known = this.#read.get(workspaceId);
    if (known !== undefined && known.untilMs > performance.now()) return known.rules;
    const rules = this.#readAll(workspaceId);
    this.#read.set(workspaceId, { rules, untilMs: performance.now() + BELIEVED_MS });
    rules.catch(() => this.forget(workspaceId));
    return rules;
  }

  /** Reads the rules anew with the next question. */
  forget(workspaceId: number): void {
    this.#read.delete(workspaceId);
  }

  async #readAll(workspaceId: number): Promise<Map<string, TypeRule>> {
    const { rows } = await this.#db.query<TypeRow>(
      "select type, settings, secret, secret_since from task_type where workspace_id = $1",
      [workspaceId],
    );
    const rules = new Map<string, TypeRule>();
    for (const { type, settings, secret, secret_since } of rows)
      rules.set(type, {
        ...settings,
        type,
        executor: settings.endpoint === undefined ? "reported" : "endpoint",
        source: "api",
        ...(secret === null ? {} : { secret }),
        ...(secret_since === null ? {} : { secretSince: secret_since }),
      });
    for (const definition of this.#definitions.values()) {
      const { type, settings, kind } = definition;
      const source = kind === "command" ? ("config" as const) : ("handler" as const);
      rules.set(type, { ...rules.get(type), ...settings, type, executor: kind, source, definition });
    }
    return rules;
  }
}
