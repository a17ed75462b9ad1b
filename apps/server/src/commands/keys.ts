import type { ApiKey } from "@daybook/contract";
import { accessLimits } from "@daybook/contract";
import type { Command } from "commander";
import { createApiKey, revokeApiKey, rotateApiKey } from "../access/api-key-acts.ts";
import { listKeys, toApiKey } from "../access/api-key-store.ts";
import { cliAccess, commandLine } from "../access/cli-access.ts";
import { parseScopes } from "../access/scopes.ts";
import { type CommandContext, UsageError } from "./context.ts";

interface CreateOptions {
  name: string;
  scope: string;
  expires?: string;
  workspace?: string;
}

const secondsOf: Record<string, number> = { h: 3600, d: 86_400, w: 604_800 };

/** `daybook keys …`: API keys of machines that write and read events. */
export function registerKeysCommand(program: Command, ctx: CommandContext): void {
  const keys = program.command("keys").description("API keys.");
  const ofWorkspace = ["--workspace <slug>", "the workspace (default: the first)"] as const;

  keys
    .command("create")
    .description("Make a key. It is printed once and never again.")
    .requiredOption("--name <name>", "what it is for, e.g. the panel")
    .requiredOption("--scope <scopes>", "what it may do, with commas, e.g. events:write,events:read")
    .option("--expires <time>", "ends after so long, e.g. 90d or 12h (default: never)")
    .option(...ofWorkspace)
    .action((options: CreateOptions) => create(ctx, options));

  keys
    .command("list")
    .description("Show every key of a workspace; the keys themselves are kept nowhere.")
    .option(...ofWorkspace)
    .action((options: { workspace?: string }) => list(ctx, options.workspace));

  keys
    .command("rotate <id>")
    .description("Make a successor; the old key goes on working for a while.")
    .option("--grace <time>", "how long the old key goes on working, e.g. 24h or 0h", "24h")
    .option(...ofWorkspace)
    .action((id: string, options: { grace: string; workspace?: string }) => rotate(ctx, id, options));

  keys
    .command("revoke <id>")
    .description("End a key at once.")
    .option(...ofWorkspace)
    .action(async (id: string, options: { workspace?: string }) => {
      const deps = await ctx.open();
      await revokeApiKey(deps, await cliAccess(deps.db, options.workspace), commandLine, keyId(id));
      ctx.report({ id, revoked: true }, () => `The key ${id} is revoked.`);
    });
}

async function create(ctx: CommandContext, options: CreateOptions): Promise<void> {
  const scopes = parseScopes(options.scope);
  const name = options.name.trim();
  if (name === "" || name.length > accessLimits.keyNameLengthMax)
    throw new UsageError(`--name has 1 to ${accessLimits.keyNameLengthMax} characters`);
  const seconds = options.expires === undefined ? undefined : duration("--expires", options.expires);
  const deps = await ctx.open();
  const access = await cliAccess(deps.db, options.workspace);
  const expires = seconds === undefined ? {} : { expiresAt: new Date(deps.clock() + seconds * 1000).toISOString() };
  const { id, key } = await createApiKey(deps, access, commandLine, { name, scopes, ...expires });
  ctx.report({ id, key }, () => `${key}\nThis is the only time it is shown. Its id is ${id}.`);
}

async function list(ctx: CommandContext, workspace: string | undefined): Promise<void> {
  const deps = await ctx.open();
  const access = await cliAccess(deps.db, workspace);
  const items = (await listKeys(deps.db, access.workspaceId)).map(toApiKey);
  ctx.report({ items }, () => items.map((key) => line(key, deps.clock())).join("\n") || "There are no keys yet.");
}

async function rotate(ctx: CommandContext, id: string, options: { grace: string; workspace?: string }): Promise<void> {
  const grace = duration("--grace", options.grace);
  if (grace > accessLimits.rotationGraceSecondsMax)
    throw new UsageError(`--grace is at most ${accessLimits.rotationGraceSecondsMax / 86_400}d`);
  const deps = await ctx.open();
  const access = await cliAccess(deps.db, options.workspace);
  const minted = await rotateApiKey(deps, access, commandLine, keyId(id), grace);
  const until = `The old key goes on working for ${options.grace}.`;
  ctx.report({ id: minted.id, key: minted.key }, () => `${minted.key}\nThis is the only time it is shown. ${until}`);
}

/** Seconds of `90d`, `12h`, `2w`. Throws UsageError. */
function duration(flag: string, text: string): number {
  const [, count, unit] = /^(\d{1,4})([hdw])$/.exec(text) ?? [];
  if (count === undefined || unit === undefined)
    throw new UsageError(`${flag}: ${text} is not a length of time such as 12h, 90d or 2w`);
  return Number(count) * (secondsOf[unit] ?? 0);
}

function keyId(text: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text))
    throw new UsageError(`${text} is not the id of a key; \`daybook keys list\` shows them`);
  return text;
}

function line(key: ApiKey, now: number): string {
  const ended = key.revokedAt ? "revoked" : key.expiresAt && Date.parse(key.expiresAt) <= now ? "expired" : "";
  const state = ended || (key.replacedBy ? "rotated" : "");
  const used = key.lastUsedAt ? `used ${key.lastUsedAt.slice(0, 16)}Z` : "never used";
  return `${key.id}  ${key.prefix}…  ${key.name.padEnd(24)} ${key.scopes.join(",").padEnd(28)} ${used.padEnd(22)} ${state}`.trimEnd();
}
