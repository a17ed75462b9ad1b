import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Config, type Setting, type SettingName, settings } from "./settings.ts";

export type { Config, SettingName } from "./settings.ts";

/** Where a value came from, weakest first. */
export type Source = "default" | "file" | "environment" | "flag";

export interface ConfigSources {
  env: Record<string, string | undefined>;
  /** Flags by setting name, as text. */
  flags?: Partial<Record<SettingName, string>>;
  /** The directory that relative paths and `daybook.config.json` start from. */
  cwd: string;
}

export interface LoadedConfig {
  config: Config;
  origin: Record<SettingName, Source>;
  /** The config file that was read, if there was one. */
  file: string | undefined;
}

/** A setting that cannot be read: says which, where it was set and what was expected. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

/** Reads every setting: default < daybook.config.json < environment < flag. Throws ConfigError. */
export function loadConfig(sources: ConfigSources): LoadedConfig {
  const file = readConfigFile(sources);
  const values: Record<string, unknown> = {};
  const origin = {} as Record<SettingName, Source>;
  for (const name of settingNames()) {
    const definition: Setting<unknown> = settings[name];
    const candidates: [Source, string | undefined, string][] = [
      ["flag", sources.flags?.[name], sources.cwd],
      ["environment", notEmpty(sources.env[definition.env]), sources.cwd],
      ["file", file.values[name], dirname(file.path)],
      ["default", definition.fallback, sources.cwd],
    ];
    const [source, text, base] = candidates.find(([, value]) => value !== undefined) ?? ["default", undefined, ""];
    origin[name] = source;
    values[name] = text === undefined ? undefined : readValue(name, source, text, base);
  }
  return { config: values as Config, origin, file: file.found ? file.path : undefined };
}

/** The defaults with some values replaced: what tests start from. */
export function configWith(changes: Partial<Config>): Config {
  return { ...loadConfig({ env: { DAYBOOK_CONFIG: "" }, cwd: process.cwd() }).config, ...changes };
}

export function settingNames(): SettingName[] {
  return Object.keys(settings) as SettingName[];
}

/** The address people use: the public URL, else what the server listens on. */
export function publicAddress(config: Config): string {
  if (config.publicUrl !== undefined) return config.publicUrl;
  const host = ["0.0.0.0", "::"].includes(config.host) ? "127.0.0.1" : config.host;
  return `http://${host.includes(":") ? `[${host}]` : host}:${config.port}`;
}

/** Of a longer value the reason is enough. */
const SHOWN_MAX = 200;

function notEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === "" ? undefined : text;
}

function readValue(name: SettingName, source: Source, text: string, base: string): unknown {
  const definition: Setting<unknown> = settings[name];
  try {
    return definition.read(text, base);
  } catch (error) {
    const place = {
      default: "the default",
      file: "daybook.config.json",
      environment: definition.env,
      flag: definition.flag,
    };
    const shown = definition.secret || text.length > SHOWN_MAX ? "the value" : JSON.stringify(text);
    throw new ConfigError(`${place[source]}: ${shown} is not a valid ${name}: ${(error as Error).message}`);
  }
}

interface ConfigFile {
  path: string;
  found: boolean;
  values: Partial<Record<SettingName, string>>;
}

/** DAYBOOK_CONFIG names another file; then it must exist. */
function readConfigFile(sources: ConfigSources): ConfigFile {
  const named = sources.env.DAYBOOK_CONFIG;
  const path = resolve(sources.cwd, notEmpty(named) ?? "daybook.config.json");
  const none: ConfigFile = { path, found: false, values: {} };
  if (named === "") return none;
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (named === undefined && (error as NodeJS.ErrnoException).code === "ENOENT") return none;
    throw new ConfigError(`${path} cannot be read: ${(error as Error).message}`);
  }
  return { path, found: true, values: parseConfigFile(path, text) };
}

function parseConfigFile(path: string, text: string): Partial<Record<SettingName, string>> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new ConfigError(`${path} is not JSON: ${(error as Error).message}`);
  }
  if (typeof document !== "object" || document === null || Array.isArray(document))
    throw new ConfigError(`${path} must hold one JSON object`);
  const values: Partial<Record<SettingName, string>> = {};
  for (const [name, value] of Object.entries(document)) {
    if (name === "$schema") continue;
    if (!(name in settings))
      throw new ConfigError(`${path}: there is no setting "${name}"; known are ${settingNames().join(", ")}`);
    // Schedules are the one setting that is a list of objects; it is read as JSON from everywhere.
    if (name === "schedules") values[name] = typeof value === "string" ? value : JSON.stringify(value);
    else if (!["string", "number", "boolean"].includes(typeof value) && !isTextList(value))
      throw new ConfigError(`${path}: "${name}" must be text, a number or a list of texts`);
    else values[name as SettingName] = Array.isArray(value) ? value.join(",") : String(value);
  }
  return values;
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
