import {
  type SettingSource,
  type WorkspaceSettingName,
  type WorkspaceSettings,
  workspaceSettingDefaults,
  workspaceSettingNames,
} from "@daybook/contract";
import type { Logger } from "pino";
import type { Config, SettingName, Source } from "../config.ts";
import type { Db } from "../db/pool.ts";
import { listOwnSettings, type OwnSettings, settingsVersion } from "./settings-store.ts";

/** How soon a change by another process holds here. */
const CHECK_EVERY_MS = 2_000;

/** Where each setting of the installation came from; what is not named has its default. */
export type ConfigSources = Partial<Record<SettingName, Source>>;

export interface SettingsBookOptions {
  db: Db;
  config: Config;
  sources?: ConfigSources | undefined;
  log?: Pick<Logger, "error"> | undefined;
  checkEveryMs?: number | undefined;
}

/** The settings that hold in every workspace, ready in memory: default < workspace < file < environment < flag. */
export class SettingsBook {
  readonly #options: SettingsBookOptions;
  readonly #base: WorkspaceSettings;
  readonly #fixed: Partial<Record<WorkspaceSettingName, SettingSource>>;
  readonly #timer: NodeJS.Timeout;
  #checking: Promise<void> = Promise.resolve();
  #version = "";
  #own = new Map<number, OwnSettings>();
  #holding = new Map<number, WorkspaceSettings>();

  static async open(options: SettingsBookOptions): Promise<SettingsBook> {
    const book = new SettingsBook(options);
    try {
      await book.reload();
    } catch (error) {
      await book.close();
      throw error;
    }
    return book;
  }

  private constructor(options: SettingsBookOptions) {
    const { config, sources = {} } = options;
    this.#options = options;
    this.#fixed = fixedBy(sources);
    const installed: Record<string, unknown> = {};
    for (const name of workspaceSettingNames) {
      const value = name === "redactFields" ? undefined : config[name];
      if (value !== undefined) installed[name] = value;
    }
    this.#base = { ...workspaceSettingDefaults, ...installed } as WorkspaceSettings;
    this.#timer = setInterval(() => {
      this.#checking = this.#checking.then(() => this.#check());
    }, options.checkEveryMs ?? CHECK_EVERY_MS);
    this.#timer.unref();
  }

  /** Ends the watch for changes. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#checking;
  }

  /** Reads every workspace's settings again. On an error what was read before goes on to hold. */
  async reload(): Promise<void> {
    const { db } = this.#options;
    const version = await settingsVersion(db);
    this.#own = await listOwnSettings(db);
    this.#version = version;
    this.#holding = new Map();
  }

  /** What holds in a workspace. The same object until something changes. A workspace that is newer than the last look has the base. */
  of(workspaceId: number): WorkspaceSettings {
    let holding = this.#holding.get(workspaceId);
    if (holding === undefined) {
      const own: Record<string, unknown> = { ...this.#own.get(workspaceId) };
      for (const name of Object.keys(this.#fixed)) delete own[name];
      holding = { ...this.#base, ...own } as WorkspaceSettings;
      this.#holding.set(workspaceId, holding);
    }
    return holding;
  }

  /** What holds where the workspace says nothing. */
  get base(): WorkspaceSettings {
    return this.#base;
  }

  /** Where the value of a workspace's setting comes from. */
  source(workspaceId: number, name: WorkspaceSettingName): SettingSource {
    return this.#fixed[name] ?? (this.#own.get(workspaceId)?.[name] === undefined ? "default" : "workspace");
  }

  /** What fixes a setting for all workspaces, if something does. */
  fixedBy(name: WorkspaceSettingName): SettingSource | undefined {
    return this.#fixed[name];
  }

  async #check(): Promise<void> {
    try {
      if ((await settingsVersion(this.#options.db)) !== this.#version) await this.reload();
    } catch (error) {
      this.#options.log?.error({ err: error }, "the settings could not be read again; the old ones hold");
    }
  }
}

/** Field names to redact add up, so the installation's do not fix a workspace's. */
function fixedBy(sources: ConfigSources): Partial<Record<WorkspaceSettingName, SettingSource>> {
  const fixed: Partial<Record<WorkspaceSettingName, SettingSource>> = {};
  for (const name of workspaceSettingNames) {
    const source = name === "redactFields" ? undefined : sources[name];
    if (source !== undefined && source !== "default") fixed[name] = source;
  }
  return fixed;
}
