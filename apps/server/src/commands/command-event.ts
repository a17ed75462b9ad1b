import type { EventInput } from "@daybook/contract";
import type { Command } from "commander";
import { accessEvent } from "../access/access-events.ts";
import { cliAccess, commandLine } from "../access/cli-access.ts";
import type { OpenDeps } from "../open.ts";

interface RecordedCommand {
  options: readonly string[];
  arguments?: readonly string[];
  /** It is about the installation: recorded in the log of the first workspace, whichever it names. */
  ofInstallation?: true;
}

/** What each command is on record with. A command that changes something, hands data out or reads personal data is here; a test
 *  fails for one that is neither here nor in `unrecordedCommands`. Options and arguments that are not named are left out: they may
 *  be secrets. */
export const recordedCommands: Readonly<Record<string, RecordedCommand>> = {
  "users create": { options: ["email", "role", "name", "workspace", "passwordStdin"] },
  "users list": { options: [] },
  "users disable": { options: [], arguments: ["email"] },
  "users enable": { options: [], arguments: ["email"] },
  "users reset-password": { options: ["twoFactorsOff"], arguments: ["email"] },
  "keys create": { options: ["name", "scope", "expires", "workspace"] },
  "keys list": { options: ["workspace"] },
  "keys rotate": { options: ["grace", "workspace"], arguments: ["id"] },
  "keys revoke": { options: ["workspace"], arguments: ["id"] },
  "log-key rotate": { options: [] },
  // The new value is in settings.updated, redacted where it has to be.
  "settings set": { options: ["workspace"], arguments: ["name"] },
  search: { options: ["since", "from", "to", "limit", "order", "workspace"], arguments: ["query"] },
  count: { options: ["since", "from", "to", "by", "limit", "workspace"], arguments: ["query"] },
  tail: { options: ["since", "from", "to", "limit", "workspace"], arguments: ["query"] },
  export: { options: ["since", "from", "to", "format", "order", "output", "workspace"], arguments: ["query"] },
  import: { options: ["workspace", "year", "timezone"], arguments: ["format", "path"] },
  "schedules list": { options: ["workspace"] },
  "schedules show": { options: ["runs", "workspace"], arguments: ["name"] },
  "schedules run": { options: ["workspace"], arguments: ["name"] },
  "schedules pause": { options: ["workspace"], arguments: ["name"] },
  "schedules resume": { options: ["workspace"], arguments: ["name"] },
  "tasks list": {
    options: ["type", "status", "user", "target", "node", "schedule", "slow", "text", "since", "limit", "workspace"],
  },
  "tasks show": { options: ["workspace"], arguments: ["id"] },
  "tasks retry": { options: ["workspace"], arguments: ["id"] },
  "tasks cancel": { options: ["workspace"], arguments: ["id"] },
  "tasks lines": { options: ["follow", "last", "workspace"], arguments: ["id"] },
  "mail list": {
    options: [
      ...[
        "address",
        "status",
        "template",
        "user",
        "target",
        "class",
        "delivery",
        "transport",
        "text",
        "since",
        "limit",
      ],
      "workspace",
    ],
  },
  "mail show": { options: ["workspace"], arguments: ["id"] },
  "mail why": { options: ["workspace"], arguments: ["address"] },
  demo: { options: ["days", "events", "seed", "until", "live", "workspace"], ofInstallation: true },
  migrate: { options: [], ofInstallation: true },
};

/** These show how the installation is, or what is public anyway; `start` and `smtp` are servers and no acts of a person; `run` needs no database, and
 *  its check-ins are on record as a task. */
export const unrecordedCommands: readonly string[] = [
  "start",
  "smtp",
  "verify",
  "checkpoint",
  "log-key show",
  "doctor",
  "config",
  "settings list",
  "settings get",
  "completion",
  "run",
];

/** The name of a command as it is typed: `users create`. */
export function commandName(command: Command): string {
  const parent = command.parent;
  return parent === null || parent.parent === null ? command.name() : `${commandName(parent)} ${command.name()}`;
}

/** Records that a command was run: by whom on this machine, with what, and how it ended. Nothing for commands that are not recorded.
 *  Into the log of the workspace that the command named, when there is one, else of the first. */
export async function recordCommand(
  deps: Pick<OpenDeps, "db" | "record">,
  command: Command,
  exitCode: number,
): Promise<void> {
  const name = commandName(command);
  const rule = recordedCommands[name];
  if (rule === undefined) return;
  const options = picked(command.opts<Record<string, unknown>>(), rule.options);
  const slug = rule.ofInstallation || typeof options.workspace !== "string" ? undefined : options.workspace;
  // The command may have failed because there is no such workspace.
  const access = await cliAccess(deps.db, slug).catch(() => cliAccess(deps.db));
  const given = picked(namedArguments(command), rule.arguments ?? []);
  const event: Omit<EventInput, "actor" | "origin"> = {
    action: "cli.command_run",
    outcome: exitCode === 0 ? "success" : "failure",
    details: { command: name, arguments: given, options, exitCode },
  };
  await deps.record.write(access.workspaceId, [accessEvent(access, commandLine, event)]);
}

/** The values by the names that the command's help gives them. */
function namedArguments(command: Command): Record<string, unknown> {
  return Object.fromEntries(
    command.registeredArguments.map((argument, index) => [argument.name(), command.processedArgs[index]]),
  );
}

/** Texts, numbers and yes of the wanted names; lists as one text. */
function picked(values: Record<string, unknown>, wanted: readonly string[]): Record<string, string | number | true> {
  const found: Record<string, string | number | true> = {};
  for (const name of wanted) {
    const value = values[name];
    if (Array.isArray(value) && value.length > 0) found[name] = value.join(" ").slice(0, TEXT_LENGTH_MAX);
    if (typeof value === "string" && value !== "") found[name] = value.slice(0, TEXT_LENGTH_MAX);
    if (typeof value === "number" || value === true) found[name] = value;
  }
  return found;
}

/** Of one argument; a list of a thousand paths is cut. */
const TEXT_LENGTH_MAX = 2_000;
