import type { Command } from "commander";
import type { CommandContext } from "../../apps/server/src/commands/context.ts";
import { buildProgram, leaves } from "../../apps/server/src/program.ts";
import { generated } from "./table.ts";

export function cliPage(): string {
  // Building the program asks nothing of the context; running a command would.
  const program = buildProgram({} as CommandContext, "", () => {});
  const sections = leaves(program).map((command) => {
    command.configureHelp({ helpWidth: 110 });
    return `## ${fullName(command)}\n\n\`\`\`\n${command.helpInformation().trim()}\n\`\`\`\n`;
  });
  return `# The daybook command

${generated}

\`npx daybook\` in the checkout, \`daybook\` when installed. Output is for people; with \`--json\` it is one JSON document (or one a
line), progress goes to standard error. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 verify found a fault. Every command also
takes the [settings](settings.md) as flags. Commands work while the server runs; on the embedded PostgreSQL also when it does
not: they start PostgreSQL for themselves.

${sections.join("\n")}`;
}

function fullName(command: Command): string {
  return command.parent ? `${fullName(command.parent)} ${command.name()}` : command.name();
}
