import {
  AppError,
  type Change,
  type Json,
  type Setting,
  type Settings,
  type WorkspaceSettingName,
  type WorkspaceSettings,
  workspaceSettingNames,
  workspaceSettingSchemas,
} from "@daybook/contract";
import type { Access } from "../access/access.ts";
import { accessEvent, type RequestOrigin } from "../access/access-events.ts";
import { settingNames } from "../config.ts";
import type { Deps } from "../deps.ts";
import { namesOf } from "../schedules/config-schedules.ts";
import { type Setting as ConfigSetting, settings as configSettings, type SettingName } from "../settings.ts";
import type { SettingsBook } from "./settings-book.ts";
import { changeOwnSettings } from "./settings-store.ts";

export type SettingsDeps = Pick<Deps, "config" | "configSources" | "db" | "record" | "settings">;

/** A change as its schema gives it: null brings the default back. */
export type ReadChange = { [Name in WorkspaceSettingName]?: WorkspaceSettings[Name] | null | undefined };

/** Every setting with its value and where it came from. */
export function listSettings(
  deps: Pick<SettingsDeps, "config" | "configSources" | "settings">,
  workspaceId: number,
): Settings {
  return {
    workspace: workspaceSettingNames.map((name) => workspaceSetting(deps.settings, workspaceId, name)),
    installation: settingNames()
      .filter((name) => name === "redactFields" || !(name in workspaceSettingSchemas))
      .map((name) => installationSetting(deps, name)),
  };
}

/** Changes settings of the workspace of `access`, here at once and in other servers within seconds, and records old and new.
 *  Throws `setting_fixed` for one that file, environment or flag sets. What is the same already is no change. */
export async function changeSettings(
  deps: SettingsDeps,
  access: Access,
  origin: RequestOrigin,
  change: ReadChange,
): Promise<void> {
  for (const name of Object.keys(change) as WorkspaceSettingName[]) checkChangeable(deps.settings, name);
  const { before, after } = await changeOwnSettings(deps.db, access.workspaceId, change);
  await deps.settings.reload();
  const { base } = deps.settings;
  const changes: Change[] = [];
  for (const name of workspaceSettingNames) {
    const [old, now] = [before[name] ?? base[name], after[name] ?? base[name]];
    if (JSON.stringify(old) !== JSON.stringify(now))
      changes.push({ field: name, old: told(name, old), new: told(name, now) });
  }
  if (changes.length === 0) return;
  const { slug } = await deps.record.workspace(access.workspaceId);
  const target = { type: "settings", id: slug, name: changes.map((each) => each.field).join(", ") };
  await deps.record.write(access.workspaceId, [
    accessEvent(access, origin, { action: "settings.updated", targets: [target], changes }),
  ]);
}

function checkChangeable(book: SettingsBook, name: WorkspaceSettingName): void {
  const source = book.fixedBy(name);
  if (source === undefined) return;
  const where = { file: "daybook.config.json", environment: configSettings[name].env, flag: configSettings[name].flag };
  const place = where[source as keyof typeof where];
  throw new AppError(
    "setting_fixed",
    `${name} is set by ${place} for every workspace. Change it there, or take it out.`,
    {
      extra: { setting: name, source },
    },
  );
}

function workspaceSetting(book: SettingsBook, workspaceId: number, name: WorkspaceSettingName): Setting {
  const { unit, env } = configSettings[name];
  return {
    name,
    value: book.of(workspaceId)[name],
    default: book.base[name],
    source: book.source(workspaceId, name),
    changeable: book.fixedBy(name) === undefined,
    what: workspaceSettingSchemas[name].description ?? "",
    ...(unit === undefined ? {} : { unit }),
    // The names in the environment are added to these and do not replace them.
    ...(name === "redactFields" ? {} : { environment: env }),
  };
}

function installationSetting(deps: Pick<SettingsDeps, "config" | "configSources">, name: SettingName): Setting {
  const definition: ConfigSetting<unknown> = configSettings[name];
  // Of schedules the names say enough: what they run may hold what is not for everybody.
  const value = (name === "schedules" ? namesOf(deps.config.schedules) : (deps.config[name] ?? null)) as Json;
  return {
    name,
    value: definition.secret && value !== null ? "set" : value,
    default: definition.fallback ?? null,
    source: deps.configSources?.[name] ?? "default",
    changeable: false,
    what: definition.doc,
    environment: definition.env,
    ...(definition.unit === undefined ? {} : { unit: definition.unit }),
    ...(definition.secret ? { secret: true as const } : {}),
  };
}

/** A picture is told by its size. */
function told(name: WorkspaceSettingName, value: unknown): Json {
  if (name !== "logo" || typeof value !== "string") return value as Json;
  return `PNG of ${Math.floor((value.slice(value.indexOf(",") + 1).replace(/=+$/, "").length * 3) / 4)} bytes`;
}
