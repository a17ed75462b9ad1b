import { type MailFilter, type MailMessage, mailFilterSchema } from "@daybook/contract";
import type { Command } from "commander";
import { cliAccess } from "../access/cli-access.ts";
import { readAddressPage } from "../mail/log/address-page.ts";
import { mailInFull } from "../mail/log/mail-detail.ts";
import { listMails } from "../mail/log/mail-list.ts";
import { readMail } from "../mail/log/mail-store.ts";
import { toMail } from "../mail/mail-row.ts";
import { type CommandContext, UsageError } from "./context.ts";
import { addressInWords, mailInWords, mailLine } from "./mail-texts.ts";
import { durationMs, wholeNumber } from "./search-options.ts";

interface ListFlags extends Omit<MailFilter, "q" | "from" | "to"> {
  text?: string;
  since?: string;
  limit: string;
  workspace?: string;
}

interface OfWorkspace {
  workspace?: string;
}

const PAGE_MAILS = 500;

/** `daybook mail …`: what was sent to whom, what became of it, and why somebody did not get theirs. */
export function registerMailCommand(program: Command, ctx: CommandContext): void {
  const mail = program.command("mail").description("The mail log: did it go out, and what became of it?");
  const ofWorkspace = ["--workspace <slug>", "the workspace (default: the first)"] as const;

  mail
    .command("list")
    .description("Show mails, the newest first.")
    .option("--address <address>", "to this address; @acme.example for a whole domain")
    .option("--status <statuses>", "of queued, sent, failed, bounced, delivered, complained, suppressed, with commas")
    .option("--template <names>", "of these templates, with commas")
    .option("--user <id>", "to this customer")
    .option("--target <target>", "what they are about, e.g. server/srv-1")
    .option("--class <classes>", "why it did not get through, e.g. mailbox_full, with commas")
    .option("--delivery <ways>", "of daybook, relay, external, imported, with commas")
    .option("--transport <name>", "through this mail server")
    .option("--text <words>", "text in subject, addresses, names and answers")
    .option("--since <time>", "the last minutes, hours, days or weeks, e.g. 90m, 24h, 7d, 2w")
    .option("--limit <n>", "at most so many", "50")
    .option(...ofWorkspace)
    .action((flags: ListFlags) => list(ctx, flags));

  mail
    .command("show <id>")
    .description("Show a mail with what happened to it and each attempt; never what it said.")
    .option(...ofWorkspace)
    .action((id: string, flags: OfWorkspace) => show(ctx, id, flags));

  mail
    .command("why <address>")
    .description("Say why the last mail to an address came through or did not.")
    .option(...ofWorkspace)
    .action((address: string, flags: OfWorkspace) => why(ctx, address, flags));
}

async function list(ctx: CommandContext, flags: ListFlags): Promise<void> {
  const limit = wholeNumber("--limit", flags.limit);
  const sinceMs = flags.since === undefined ? undefined : durationMs(flags.since);
  const { text, workspace } = flags;
  const deps = await ctx.open();
  const { workspaceId } = await cliAccess(deps.db, workspace);
  const filter: MailFilter = {
    ...picked({ ...flags }),
    ...(text === undefined ? {} : { q: text }),
    ...(sinceMs === undefined ? {} : { from: new Date(deps.clock() - sinceMs).toISOString() }),
  };
  const items: MailMessage[] = [];
  let cursor: string | undefined;
  let total = { value: 0, relation: "eq" as "eq" | "gte" };
  do {
    const page = Math.min(limit - items.length, PAGE_MAILS);
    const found = await listMails(deps.db, workspaceId, { filter, limit: page, cursor, personal: true });
    items.push(...found.rows.map(toMail));
    cursor = found.nextCursor ?? undefined;
    total = found.total;
  } while (cursor !== undefined && items.length < limit);
  ctx.report({ items, nextCursor: cursor ?? null, total }, () => {
    const lines = items.map((mail) => mailLine(mail, ctx.colour));
    const most = `${total.value.toLocaleString("en-GB")}${total.relation === "gte" ? "+" : ""}`;
    if (items.length === 0) lines.push("Nothing found.");
    else if (cursor !== undefined) lines.push(`${items.length} of ${most} mails; --limit shows more.`);
    return lines.join("\n");
  });
}

/** Only what is a filter: commander puts settings among the flags. */
function picked(flags: Record<string, unknown>): MailFilter {
  const names = Object.keys(mailFilterSchema.shape);
  return Object.fromEntries(
    Object.entries(flags).filter(([name, value]) => names.includes(name) && typeof value === "string"),
  );
}

async function show(ctx: CommandContext, id: string, flags: OfWorkspace): Promise<void> {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id))
    throw new UsageError(`${id} is not the id of a mail; \`daybook mail list\` shows them`);
  const deps = await ctx.open();
  const { workspaceId } = await cliAccess(deps.db, flags.workspace);
  const mail = await mailInFull(deps.db, await readMail(deps.db, workspaceId, id.toLowerCase()));
  ctx.report(mail, () => mailInWords(mail, ctx.colour));
}

async function why(ctx: CommandContext, address: string, flags: OfWorkspace): Promise<void> {
  const deps = await ctx.open();
  const { workspaceId } = await cliAccess(deps.db, flags.workspace);
  const page = await readAddressPage(deps.db, workspaceId, address, deps.clock());
  ctx.report(page, () => addressInWords(page));
}
