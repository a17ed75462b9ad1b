import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import pino from "pino";
import { findBinaries } from "../db/postgres-binaries.ts";
import { unprivilegedUser } from "../db/postgres-user.ts";
import { type Check, type CheckResult, type Finding, failed, ok, runChecks, warning } from "../health/check.ts";
import { databaseChecks } from "../health/database-checks.ts";
import { checkFindings } from "../health/findings/finding-checks.ts";
import { machineChecks } from "../health/machine-checks.ts";
import { OriginLookup } from "../record/origin/origin.ts";
import type { CommandContext } from "./context.ts";

const GEO_AGE_DAYS_MAX = 400;

/** `daybook doctor`: checks the machine and says what is wrong and how to mend it. Exit code 1 when something failed. */
export function registerDoctorCommand(program: Command, ctx: CommandContext): void {
  program
    .command("doctor")
    .description("Check this machine and the installation; say what is wrong and how to mend it.")
    .action(async () => {
      const checks = [...machineChecks(ctx.config), geoCheck(ctx)];
      const results = [...(await runChecks(checks)), ...(await checkDatabase(ctx))];
      const isOk = results.every((result) => result.state !== "failed");
      ctx.report({ ok: isOk, checks: results }, () => results.map((result) => line(result, ctx.colour)).join("\n"));
      ctx.exitCode = isOk ? 0 : 1;
    });
}

async function checkDatabase(ctx: CommandContext): Promise<CheckResult[]> {
  if (ctx.config.databaseUrl === undefined && !existsSync(join(ctx.config.data, "pg-version")))
    return runChecks([{ name: "PostgreSQL", run: checkBinaries }]);
  let database: Awaited<ReturnType<CommandContext["openDatabase"]>>;
  try {
    database = await ctx.openDatabase();
    await database.ownerDb.query("select 1");
  } catch (error) {
    const mend =
      ctx.config.databaseUrl === undefined
        ? "The message names what to change; PostgreSQL's own log is postgres.log in the data directory."
        : "Check the address, the password and the network path in DATABASE_URL.";
    return [{ name: "database", ...failed((error as Error).message, mend) }];
  }
  const { db, ownerDb, embedded } = database;
  const results = await runChecks(await databaseChecks(db, ownerDb, embedded !== undefined));
  return [...results, ...(await checkFindings(db, ctx.loaded.origin.role === "default" ? undefined : ctx.config.role))];
}

/** Before the first start there is no database to look into: what can be known is that PostgreSQL runs here. */
function checkBinaries(): Finding {
  const user = unprivilegedUser();
  const { version } = findBinaries(user, () => {});
  return ok(
    `${version}, embedded${user === undefined ? "" : `, as ${user.name}`}; its data is made at the first start`,
  );
}

function geoCheck(ctx: CommandContext): Check {
  return {
    name: "geo data",
    async run() {
      const faults: string[] = [];
      const log = pino({ level: "warn" }, { write: (text: string) => void faults.push(JSON.parse(text).msg) });
      const origin = await OriginLookup.open({
        countryFile: ctx.config.geoCountry,
        asnFile: ctx.config.geoAsn,
        cacheDir: join(ctx.config.data, "cache"),
        log,
      });
      const credits = origin.credits;
      origin.close();
      if (faults.length > 0)
        return warning(faults.join("; "), "Check the files of DAYBOOK_GEO_COUNTRY and DAYBOOK_GEO_ASN.");
      const oldest = credits
        .map(({ builtAt }) => builtAt)
        .filter((date) => date !== undefined)
        .sort()[0];
      const found = oldest === undefined ? "there" : `of ${oldest.slice(0, 10)}`;
      if (oldest !== undefined && Date.now() - Date.parse(oldest) > GEO_AGE_DAYS_MAX * 86_400_000)
        return warning(found, "Update Daybook, or name newer .mmdb files in DAYBOOK_GEO_COUNTRY and DAYBOOK_GEO_ASN.");
      return ok(found);
    },
  };
}

const marks = { ok: "ok     ", warning: "warning", failed: "FAILED " };
const colours = { ok: 32, warning: 33, failed: 31 };

function line({ name, state, found, mend, command, workspace }: CheckResult, colour: boolean): string {
  const mark = colour ? `\u001b[${colours[state]}m${marks[state]}\u001b[0m` : marks[state];
  const where = workspace === undefined ? "" : `${workspace}: `;
  const more = [mend, ...(command?.split("\n") ?? [])].filter((text) => text !== undefined);
  return [`${mark}  ${name.padEnd(18)} ${where}${found}`, ...more.map((text) => `         ${text}`)].join("\n");
}
