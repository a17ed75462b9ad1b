import { once } from "node:events";
import type { Command } from "commander";
import type { FastifyInstance } from "fastify";
import { createSetupToken, setupLink } from "../access/setup.ts";
import { buildApp, startWork, version } from "../app.ts";
import { type Config, publicAddress } from "../config.ts";
import { ensureConsole } from "../console-build.ts";
import { announceAddress, type OpenDeps } from "../open.ts";
import { type CommandContext, UsageError } from "./context.ts";

/** `daybook start`: database, migrations, HTTP server, background work; drains and ends on SIGTERM or SIGINT. */
export function registerStartCommand(program: Command, ctx: CommandContext): void {
  program
    .command("start")
    .description("Start the server.")
    .action(() => start(ctx));
}

/**
 * 1. Build the console if it is missing or old.
 * 2. Open the database; refuse when another server has this data directory.
 * 3. Listen, start the background work, say where.
 * 4. Wait for SIGTERM; then take no more, finish what is in progress, and end.
 */
async function start(ctx: CommandContext): Promise<void> {
  const serves = ctx.config.role !== "worker";
  if (serves && ctx.config.buildConsole === "yes") await ensureConsole(ctx.out);
  const deps = await ctx.open({ server: true });
  const app = serves ? await listen(deps, ctx.config) : undefined;
  // The first event waits for the network data; begun now, it is there by then.
  if (serves) void deps.origin.ready;
  const work = ctx.config.role === "api" ? undefined : await startWork(deps);
  const forget = app === undefined ? undefined : announceAddress(ctx.config, listeningAddress(ctx.config, app));
  // In one piece: whoever waits for the line with the address has the link too.
  ctx.out((await greeting(deps, app)).join("\n"));
  if (!ctx.signal.aborted) await once(ctx.signal, "abort");
  forget?.();
  ctx.out("Daybook is stopping: requests in progress are finished first.");
  await Promise.all([app === undefined ? undefined : drain(app, ctx.config), work?.stop()]);
}

async function listen(deps: OpenDeps, config: Config): Promise<FastifyInstance> {
  const app = await buildApp(deps);
  try {
    await app.listen({ host: config.host, port: config.port });
  } catch (error) {
    await app.close();
    throw listenError(error as NodeJS.ErrnoException, config);
  }
  return app;
}

async function greeting(deps: OpenDeps, app: FastifyInstance | undefined): Promise<string[]> {
  const database = deps.embedded ? `PostgreSQL ${deps.embedded.version} in ${deps.embedded.directory}` : "DATABASE_URL";
  const lines = [`Daybook ${version}, ${database}`];
  if (deps.embedded?.remark !== undefined) lines.push(deps.embedded.remark);
  if (app === undefined) return [...lines, "Daybook works in the background (role worker); it does not listen."];
  const local = listeningAddress(deps.config, app);
  lines.push(`Daybook listens on ${local}`);
  if (deps.config.publicUrl !== undefined) lines.push(`People reach it at ${deps.config.publicUrl}`);
  const token = await createSetupToken(deps);
  if (token !== null)
    lines.push(
      "",
      "Nobody can sign in yet. Open this link once, within 24 hours, to make the first owner:",
      `  ${setupLink({ ...deps.config, publicUrl: deps.config.publicUrl ?? local }, token)}`,
      "",
    );
  return lines;
}

/** Where the server listens, whatever people call it. */
function listeningAddress(config: Config, app: FastifyInstance): string {
  const address = app.server.address();
  const port = typeof address === "object" && address !== null ? address.port : config.port;
  return publicAddress({ ...config, port, publicUrl: undefined });
}

/**
 * Ends the server: new connections are refused, requests in progress get `drainSeconds`, then they are cut. A connection
 * whose last request is answered stays open for the next one; it is closed as soon as it is idle.
 */
async function drain(app: FastifyInstance, config: Config): Promise<void> {
  const idle = setInterval(() => app.server.closeIdleConnections(), 50);
  const cut = setTimeout(() => app.server.closeAllConnections(), config.drainSeconds * 1000);
  await app.close();
  clearInterval(idle);
  clearTimeout(cut);
}

function listenError(error: NodeJS.ErrnoException, config: Config): Error {
  const place = `${config.host}:${config.port}`;
  if (error.code === "EADDRINUSE")
    return new UsageError(
      `${place} is taken by another program. Choose another port: DAYBOOK_PORT=${config.port + 1}, or --port ${config.port + 1}.`,
    );
  if (error.code === "EACCES")
    return new UsageError(
      `Port ${config.port} is for root alone. Choose one above 1023 with DAYBOOK_PORT, with a proxy in front.`,
    );
  if (error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND")
    return new UsageError(`This machine has no address ${config.host}. Choose another one with DAYBOOK_HOST.`);
  return error;
}
