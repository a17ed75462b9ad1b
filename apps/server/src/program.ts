import { Command, Option } from "commander";
import { registerCheckpointCommand } from "./commands/checkpoint.ts";
import { registerCompletionCommand } from "./commands/completion.ts";
import { registerConfigCommand } from "./commands/config.ts";
import type { CommandContext, RegisterCommand } from "./commands/context.ts";
import { registerCountCommand } from "./commands/count.ts";
import { registerDemoCommand } from "./commands/demo.ts";
import { registerDoctorCommand } from "./commands/doctor.ts";
import { registerExportCommand } from "./commands/export.ts";
import { registerImportCommand } from "./commands/import.ts";
import { registerKeysCommand } from "./commands/keys.ts";
import { registerLogKeyCommand } from "./commands/log-key.ts";
import { registerMailCommand } from "./commands/mail.ts";
import { registerMigrateCommand } from "./commands/migrate.ts";
import { registerRunCommand } from "./commands/run.ts";
import { registerSchedulesCommand } from "./commands/schedules.ts";
import { registerSearchCommand } from "./commands/search.ts";
import { registerSettingsCommand } from "./commands/settings.ts";
import { registerSmtpCommand } from "./commands/smtp.ts";
import { registerStartCommand } from "./commands/start.ts";
import { registerTailCommand } from "./commands/tail.ts";
import { registerTasksCommand } from "./commands/tasks.ts";
import { registerUsersCommand } from "./commands/users.ts";
import { registerVerifyCommand } from "./commands/verify.ts";
import { type SettingName, settingNames } from "./config.ts";
import { settings } from "./settings.ts";

/** Every command, in the order of the help. */
const commands: RegisterCommand[] = [
  registerStartCommand,
  registerSmtpCommand,
  registerUsersCommand,
  registerKeysCommand,
  registerVerifyCommand,
  registerCheckpointCommand,
  registerLogKeyCommand,
  registerDoctorCommand,
  registerMigrateCommand,
  registerConfigCommand,
  registerSettingsCommand,
  registerSearchCommand,
  registerCountCommand,
  registerTailCommand,
  registerExportCommand,
  registerImportCommand,
  registerMailCommand,
  registerTasksCommand,
  registerSchedulesCommand,
  registerRunCommand,
  registerDemoCommand,
  registerCompletionCommand,
];

export interface ParsedFlags {
  /** The command that runs. */
  command: Command;
  flags: Partial<Record<SettingName, string>>;
  json: boolean;
}

/**
 * The `daybook` command. `onParsed` is told the settings given as flags, before the command runs.
 * Throws CommanderError for wrong usage instead of leaving the process.
 */
export function buildProgram(ctx: CommandContext, version: string, onParsed: (parsed: ParsedFlags) => void): Command {
  const program = new Command("daybook")
    .description("The self-hosted record of a hosting, cloud or ISP platform.")
    .version(version)
    .enablePositionalOptions()
    .showHelpAfterError("(daybook --help lists what there is)");
  for (const register of commands) register(program, ctx);
  for (const command of leaves(program)) addSettingFlags(command);
  overrideExit(program);
  program.hook("preAction", (_, action) => {
    const given = action.opts<Record<string, unknown>>();
    const flags: Partial<Record<SettingName, string>> = {};
    for (const name of settingNames()) {
      const value = ownsFlag(action, name) ? given[name] : undefined;
      if (typeof value === "string") flags[name] = value;
    }
    onParsed({ command: action, flags, json: given.json === true });
  });
  return program;
}

/** The commands that do something: those without commands of their own. */
export function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

/** Every setting is a flag of every command, unless the command has a flag of that name with another meaning. */
function addSettingFlags(command: Command): void {
  const reports = command.name() !== "start" && command.name() !== "completion";
  if (reports && !command.options.some((option) => option.long === "--json"))
    command.addOption(new Option("--json", "one JSON document on standard output"));
  for (const name of settingNames()) {
    const option = new SettingOption(settings[name].flag, settings[name].doc);
    option.hidden = command.name() !== "start";
    if (!command.options.some((other) => other.long === option.long)) command.addOption(option);
  }
}

/** Tells a setting's flag from a command's own flag of the same name. */
class SettingOption extends Option {}

function ownsFlag(command: Command, name: SettingName): boolean {
  return command.options.some((option) => option instanceof SettingOption && option.attributeName() === name);
}

function overrideExit(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) overrideExit(child);
}
