import { text } from "node:stream/consumers";
import type { Command } from "commander";
import { cliAccess, commandLine } from "../access/cli-access.ts";
import { passwordLink } from "../access/password-link.ts";
import { checkRole } from "../access/role-store.ts";
import { createMember, disableMember, resetMember } from "../access/staff-acts.ts";
import { listStaff, type StaffListing } from "../access/staff-store.ts";
import { findWorkspace } from "../access/workspace-store.ts";
import { type CommandContext, UsageError } from "./context.ts";

interface CreateOptions {
  email: string;
  role: string;
  name: string;
  workspace?: string;
  passwordStdin?: true;
}

/** `daybook users …`: the people who sign in. */
export function registerUsersCommand(program: Command, ctx: CommandContext): void {
  const users = program.command("users").description("The people who sign in to Daybook.");

  users
    .command("create")
    .description("Add somebody. Without --password-stdin it prints a link with which they choose a password.")
    .requiredOption("--email <address>", "with what they sign in")
    .requiredOption("--role <role>", "owner, administrator, auditor, support, billing or a role of the workspace's own")
    .option("--name <name>", "the name that the record shows", "")
    .option("--workspace <slug>", "the workspace (default: the first)")
    .option("--password-stdin", "read the password from standard input")
    .action((options: CreateOptions) => create(ctx, options));

  users
    .command("list")
    .description("Show everybody with their roles.")
    .action(async () => {
      const items = await listStaff((await ctx.open()).db);
      ctx.report({ items }, () => items.map(line).join("\n") || "There is nobody yet.");
    });

  users
    .command("disable <email>")
    .description("Shut somebody out and end their sessions.")
    .action((email: string) => disable(ctx, email, true));

  users
    .command("enable <email>")
    .description("Let somebody in again.")
    .action((email: string) => disable(ctx, email, false));

  users
    .command("reset-password <email>")
    .description("Print a one-time link with which somebody chooses a new password.")
    .option("--two-factors-off", "turn two factors off too, for a lost authenticator app")
    .action((email: string, options: { twoFactorsOff?: true }) => reset(ctx, email, options.twoFactorsOff === true));
}

async function create(ctx: CommandContext, options: CreateOptions): Promise<void> {
  const deps = await ctx.open();
  const workspace = await findWorkspace(deps.db, options.workspace);
  const access = await cliAccess(deps.db, workspace.slug);
  const { role } = options;
  await checkRole(deps.db, workspace.id, role);
  const password = options.passwordStdin ? await readPassword(ctx) : undefined;
  const member = { email: options.email, name: options.name, role, ...(password === undefined ? {} : { password }) };
  const { staff, passwordToken } = await createMember(deps, access, commandLine, member);
  const link = passwordToken === undefined ? undefined : passwordLink(deps.config, passwordToken);
  const document = { id: staff.id, email: staff.email, role, workspace: workspace.slug, ...(link ? { link } : {}) };
  ctx.report(document, () => {
    const made = `${staff.email} is ${role} of ${workspace.slug} now.`;
    return link === undefined ? made : `${made}\nWithin 24 hours they choose a password at\n${link}`;
  });
}

async function disable(ctx: CommandContext, email: string, disabled: boolean): Promise<void> {
  const deps = await ctx.open();
  await disableMember(deps, await cliAccess(deps.db), commandLine, email, disabled);
  ctx.report({ email, disabled }, () => `${email} is ${disabled ? "disabled" : "enabled"} now.`);
}

async function reset(ctx: CommandContext, email: string, twoFactorsOff: boolean): Promise<void> {
  const deps = await ctx.open();
  const token = await resetMember(deps, await cliAccess(deps.db), commandLine, email, twoFactorsOff);
  const link = passwordLink(deps.config, token);
  ctx.report({ email, link }, () => `Within 24 hours ${email} chooses a new password at\n${link}`);
}

/** The first line of standard input. */
async function readPassword(ctx: CommandContext): Promise<string> {
  if (ctx.stdin.isTTY) ctx.err("Password, then Enter and Ctrl-D:");
  const password = (await text(ctx.stdin)).split(/\r?\n/)[0] ?? "";
  if (password === "") throw new UsageError("--password-stdin: there is no password on standard input");
  return password;
}

function line(person: StaffListing): string {
  const state = person.disabledAt ? "disabled" : person.totp ? "two factors" : "";
  const seen = person.lastSeenAt ? `seen ${person.lastSeenAt.toISOString()}` : "never signed in";
  return `${person.email.padEnd(32)} ${person.roles.join(",").padEnd(24)} ${seen.padEnd(30)} ${state}`.trimEnd();
}
