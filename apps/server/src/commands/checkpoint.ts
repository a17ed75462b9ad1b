import type { Command } from "commander";
import { findWorkspace } from "../access/workspace-store.ts";
import { parseCheckpoint } from "../record/merkle/checkpoint.ts";
import type { CommandContext } from "./context.ts";

/** `daybook checkpoint`: the signed checkpoint of a log as it is now. */
export function registerCheckpointCommand(program: Command, ctx: CommandContext): void {
  program
    .command("checkpoint")
    .description("Print the signed checkpoint of the log: keep it elsewhere, it pins down every event so far.")
    .option("--workspace <slug>", "the workspace (default: the first)")
    .action(async (options: { workspace?: string }) => {
      const deps = await ctx.open();
      const { id } = await findWorkspace(deps.db, options.workspace);
      const checkpoint = await deps.checkpoints.current(id);
      const { origin, size, root } = parseCheckpoint(checkpoint);
      // The note ends in a line feed of its own.
      ctx.report({ origin, size, root: root.toString("hex"), checkpoint }, () => checkpoint.slice(0, -1));
    });
}
