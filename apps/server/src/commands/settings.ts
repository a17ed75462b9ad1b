import { changeSettingsSchema, type Setting, workspaceSettingNames } from "@daybook/contract";
import type { Command } from "commander";
import { cliAccess, commandLine } from "../access/cli-access.ts";
import { changeSettings, listSettings, type ReadChange } from "../workspace/settings-acts.ts";
import { type CommandContext, UsageError } from "./context.ts";

interface Options {
  workspace?: string;
}

/** `daybook settings …`: what a workspace sets for itself. `daybook config` shows the installation. */
export function registerSettingsCommand(program: Command, ctx: CommandContext): void {
  const settings = program.command("settings").description("Settings of a workspace.");
  const ofWorkspace = ["--workspace <slug>", "the workspace (default: the first)"] as const;

  settings
    .command("list")
    .description("Show every setting of a workspace, its value and where it came from.")
    .option(...ofWorkspace)
    .action(async (options: Options) => {
      const items = await list(ctx, options);
      ctx.report({ items }, () => items.map(line).join("\n"));
    });

  settings
    .command("get <name>")
    .description("Show one setting.")
    .option(...ofWorkspace)
    .action(async (name: string, options: Options) => {
      const found = (await list(ctx, options)).find((setting) => setting.name === known(name));
      ctx.report(found, () => shown(found?.value));
    });

  settings
    .command("set <name> [values...]")
    .description("Change one setting; without a value the default comes back. Running servers follow within seconds.")
    .option(...ofWorkspace)
    .action((name: string, values: string[], options: Options) => set(ctx, known(name), values, options));
}

async function list(ctx: CommandContext, options: Options): Promise<Setting[]> {
  const deps = await ctx.open();
  return listSettings(deps, (await cliAccess(deps.db, options.workspace)).workspaceId).workspace;
}

async function set(ctx: CommandContext, name: string, values: readonly string[], options: Options): Promise<void> {
  const deps = await ctx.open();
  const access = await cliAccess(deps.db, options.workspace);
  const now = deps.settings.of(access.workspaceId)[name as keyof ReadChange];
  const change = changeSettingsSchema.safeParse({ [name]: values.length === 0 ? null : readAs(now, values) });
  if (!change.success) throw new UsageError(`${name} ${change.error.issues[0]?.message ?? "is not valid"}`);
  await changeSettings(deps, access, commandLine, change.data as ReadChange);
  const found = listSettings(deps, access.workspaceId).workspace.find((setting) => setting.name === name);
  ctx.report(found, () => `${name} is ${shown(found?.value)}.`);
}

/** The values as what the setting is: a list, a number, yes or no, else text. */
function readAs(now: unknown, values: readonly string[]): unknown {
  if (Array.isArray(now)) return values.flatMap((value) => value.split(",")).filter((value) => value.trim() !== "");
  const text = values.join(" ");
  if (typeof now === "number") return Number(text);
  if (typeof now === "boolean") return { yes: true, true: true, no: false, false: false }[text.toLowerCase()] ?? text;
  return text;
}

function known(name: string): string {
  if ((workspaceSettingNames as string[]).includes(name)) return name;
  throw new UsageError(`there is no setting ${name}; there are ${workspaceSettingNames.join(", ")}`);
}

function line({ name, value, source }: Setting): string {
  return `${name.padEnd(22)} ${shown(value).padEnd(30)} ${source}`;
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return "-";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.join(",") || "-";
  const text = String(value);
  return text.startsWith("data:") ? `${text.slice(0, 22)}…` : text;
}
