import { once } from "node:events";
import type { Command } from "commander";
import { buildApp } from "../app.ts";
import { publicAddress } from "../config.ts";
import type { CommandContext } from "./context.ts";

/** `daybook start`: database, migrations, HTTP server; drains and ends on SIGTERM or SIGINT. */
export function registerStartCommand(program: Command, ctx: CommandContext): void {
  program
    .command("start")
    .description("Start the server.")
    .action(() => start(ctx));
}

async function start(ctx: CommandContext): Promise<void> {
  const deps = await ctx.open();
  const app = await buildApp(deps);
  await app.listen({ host: ctx.config.host, port: ctx.config.port });
  ctx.out(`Daybook listens on ${publicAddress(ctx.config)}`);
  if (!ctx.signal.aborted) await once(ctx.signal, "abort");
  await app.close();
}
