import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** Whom PostgreSQL runs as. PostgreSQL refuses to run as root, so root hands over to an unprivileged user. */
export interface PostgresUser {
  name: string;
  uid: number;
  gid: number;
}

/** Users that may exist for the purpose, best first. */
const candidates = ["daybook", "postgres", "nobody"];

/** The user to drop to when this process is root; undefined when it is not, so PostgreSQL runs as ourselves. */
export function unprivilegedUser(passwd = "/etc/passwd"): PostgresUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readUsers(passwd);
  for (const name of candidates) {
    const user = users.get(name);
    if (user !== undefined && user.uid !== 0) return user;
  }
  throw new Error(
    `PostgreSQL does not run as root and none of the users ${candidates.join(", ")} exists. ` +
      "Create one (useradd --system daybook), run Daybook as an ordinary user, or set DATABASE_URL.",
  );
}

/** Whether `user` may pass through every directory down to `path` (the nearest one that exists). */
export function canEnter(path: string, user: PostgresUser): boolean {
  for (let place = path; ; place = dirname(place)) {
    const stat = statSync(place, { throwIfNoEntry: false });
    if (stat !== undefined) {
      const shift = stat.uid === user.uid ? 6 : stat.gid === user.gid ? 3 : 0;
      if (((stat.mode >> shift) & 1) === 0) return false;
    }
    if (place === dirname(place)) return true;
  }
}

function readUsers(passwd: string): Map<string, PostgresUser> {
  const users = new Map<string, PostgresUser>();
  let text = "";
  try {
    text = readFileSync(passwd, "utf8");
  } catch {
    return users; // No passwd file means no user to find; the caller says what to do.
  }
  for (const line of text.split("\n")) {
    const [name, , uid, gid] = line.split(":");
    if (name && uid && gid) users.set(name, { name, uid: Number(uid), gid: Number(gid) });
  }
  return users;
}
