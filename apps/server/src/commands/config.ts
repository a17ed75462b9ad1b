import type { Command } from "commander";
import { type SettingName, settingNames } from "../config.ts";
import { namesOf } from "../schedules/config-schedules.ts";
import { settings } from "../settings.ts";
import type { CommandContext } from "./context.ts";

/** `daybook config`: every setting, its value and where it came from. Secrets are never shown. */
export function registerConfigCommand(program: Command, ctx: CommandContext): void {
  program
    .command("config")
    .description("Show every setting, its value and where it came from.")
    .action(() => {
      const rows = settingNames().map((name) => row(ctx, name));
      const document = { file: ctx.loaded.file ?? null, settings: rows };
      ctx.report(document, () => rows.map(line).join("\n"));
    });
}

interface Row {
  name: SettingName;
  value: unknown;
  source: string;
  environment: string;
  flag: string;
}

function row(ctx: CommandContext, name: SettingName): Row {
  const { env, flag, secret } = settings[name] as { env: string; flag: string; secret?: true };
  const value = name === "schedules" ? namesOf(ctx.config.schedules) : ctx.config[name];
  return {
    name,
    value: value === undefined ? null : secret ? "(set, not shown)" : value,
    source: ctx.loaded.origin[name],
    environment: env,
    flag,
  };
}

function line({ name, value, source, environment }: Row): string {
  const shown = value === null ? "-" : Array.isArray(value) ? value.join(",") || "-" : String(value);
  return `${name.padEnd(24)} ${shown.padEnd(28)} ${source.padEnd(12)} ${environment}`;
}
