import type { Config } from "../config.ts";
import type { SettingsBook } from "../workspace/settings-book.ts";
import { RedactionRules } from "./redaction.ts";

/** What is redacted in each workspace: what Daybook knows, the installation's names and the workspace's own. */
export class RedactionBook {
  readonly #config: Pick<Config, "redactFields" | "keepFields">;
  readonly #settings: Pick<SettingsBook, "of">;
  readonly #common: RedactionRules;
  /** By workspace, with the list that they were made of: another list, other rules. */
  #own = new Map<number, { names: readonly string[]; rules: RedactionRules }>();

  constructor(config: Pick<Config, "redactFields" | "keepFields">, settings: Pick<SettingsBook, "of">) {
    this.#config = config;
    this.#settings = settings;
    this.#common = new RedactionRules({ extraFields: config.redactFields, keptFields: config.keepFields });
  }

  /** The rules that hold in a workspace now; it is on the path of every event. */
  of(workspaceId: number): RedactionRules {
    const names = this.#settings.of(workspaceId).redactFields;
    if (names.length === 0) return this.#common;
    const known = this.#own.get(workspaceId);
    if (known?.names === names) return known.rules;
    const { redactFields, keepFields } = this.#config;
    const rules = new RedactionRules({ extraFields: [...redactFields, ...names], keptFields: keepFields });
    this.#own.set(workspaceId, { names, rules });
    return rules;
  }
}
