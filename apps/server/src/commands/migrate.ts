import type { Command } from "commander";
import { migrate } from "../db/migrate.ts";
import type { CommandContext } from "./context.ts";

/** `daybook migrate`: brings the schema up to date. `daybook start` does it too. */
export function registerMigrateCommand(program: Command, ctx: CommandContext): void {
  program
    .command("migrate")
    .description("Bring the database schema up to date.")
    .action(async () => {
      const deps = await ctx.open(); // Opening migrates; asking again says where the schema stands.
      const { total } = await migrate(deps.ownerDb);
      ctx.report({ migrations: total }, () => `The schema is up to date (${total} migrations).`);
    });
}
