import type { Command } from "commander";
import { accessEvent } from "../access/access-events.ts";
import { cliAccess, commandLine } from "../access/cli-access.ts";
import { findWorkspace } from "../access/workspace-store.ts";
import { LogKeys } from "../record/merkle/log-keys.ts";
import { formatVerifierKey, noteVerifier } from "../record/merkle/note.ts";
import type { CommandContext } from "./context.ts";

/** `daybook log-key …`: the key that signs the checkpoints of the log. */
export function registerLogKeyCommand(program: Command, ctx: CommandContext): void {
  const logKey = program.command("log-key").description("The key that signs the checkpoints of the log.");

  logKey
    .command("show")
    .description("Print the verifier key: with it anybody can check a checkpoint.")
    .option("--all", "earlier keys too, each on a line")
    .option("--workspace <slug>", "the workspace (default: the first)")
    .action((options: { all?: true; workspace?: string }) => show(ctx, options));

  logKey
    .command("rotate")
    .description("Make a new key. Checkpoints of the old one stay good; the change is recorded in every log.")
    .action(() => rotate(ctx));
}

async function show(ctx: CommandContext, options: { all?: true; workspace?: string }): Promise<void> {
  const deps = await ctx.open();
  const { slug } = await findWorkspace(deps.db, options.workspace);
  const keys = deps.checkpoints.publicKeys(slug);
  const lines = keys.map((key) => formatVerifierKey(key.verifier));
  const [current = "", ...earlier] = lines;
  ctx.report({ current, earlier }, () => (options.all ? lines.join("\n") : current));
}

/**
 *  1. Sign every log with the old key once more: what is there now is pinned down by it.
 *  2. Make the new key.
 *  3. Record the change in every log, and sign that with the new key.
 */
async function rotate(ctx: CommandContext): Promise<void> {
  const deps = await ctx.open();
  const workspaces = await deps.db.query<{ id: number; slug: string }>("select id, slug from workspace order by id");
  for (const { id } of workspaces.rows) await deps.checkpoints.current(id);
  const keys = new LogKeys(ctx.config);
  const { before, after, setting } = keys.rotate(deps.clock());
  for (const { id, slug } of workspaces.rows) {
    const keyId = (key: typeof before): string => noteVerifier(`${key.name}/${slug}`, key.publicKey).keyId;
    const details = { before: keyId(before), after: keyId(after) };
    const event = accessEvent(await cliAccess(deps.db, slug), commandLine, { action: "log.key.rotated", details });
    await deps.record.write(id, [event]);
    if (setting === undefined) await deps.checkpoints.current(id);
  }
  const verifierKeys = workspaces.rows.map(({ slug }) =>
    formatVerifierKey(noteVerifier(`${after.name}/${slug}`, after.publicKey)),
  );
  const steps =
    setting === undefined
      ? "The new key signs from now on. Verifier keys to hand out:"
      : `DAYBOOK_LOG_KEY is set, so nothing was changed here. Give every server this value and start it again:\n${setting}\nVerifier keys to hand out then:`;
  const report = { verifierKeys, ...(setting === undefined ? {} : { setting }) };
  ctx.report(report, () => [steps, ...verifierKeys].join("\n"));
}
