import type { Json } from "@daybook/contract";
import { type Act, account, accountTarget } from "./act.ts";

/** The catalogue's names for what happens to a server's own accounts. */
const actions = {
  command: "auth.command.elevated",
  switched: "auth.elevation.granted",
  created: "system.account.created",
  changed: "system.account.updated",
  deleted: "system.account.deleted",
  locked: "auth.account.locked",
  unlocked: "auth.account.unlocked",
  password: "auth.password.changed",
  groupCreated: "system.group.created",
  groupDeleted: "system.group.deleted",
  memberAdded: "group.member.added",
  memberRemoved: "group.member.removed",
} as const;

type Refusal = Pick<Act, "outcome" | "reason">;

/** What sudo says went wrong, in front of `TTY=`, and what that is to us. */
const refusals: [RegExp, Refusal][] = [
  [/NOT in sudoers|NOT authorized|not allowed/i, { outcome: "denied", reason: "not_permitted" }],
  [/incorrect password attempt/, { outcome: "failure", reason: "invalid_password" }],
  [/password is required|no tty|have a tty|terminal is required/, { outcome: "failure", reason: "password_required" }],
];

/** The variables that sudo writes in front of COMMAND, and our names for them. */
const sudoFields: Record<string, string> = { TTY: "terminal", PWD: "directory", USER: "runAs", GROUP: "runAsGroup" };

/** `ubuntu : TTY=pts/0 ; PWD=/home/ubuntu ; USER=root ; COMMAND=/bin/ls`, with a refusal in front of TTY, if any. */
export function readSudo(message: string): Act | undefined {
  const match = /^\s*(\S+) : (.*?)COMMAND=(.*)$/s.exec(message);
  if (!match) return undefined;
  const [, user = "", before = "", command = ""] = match;
  const details: Record<string, Json> = { program: "sudo", command: command.slice(0, 4096) };
  let refusal: Refusal | undefined;
  for (const part of before.split(" ; ")) {
    const [, name, value = ""] = /^\s*([A-Z]+)=(.*?)\s*$/s.exec(part) ?? [];
    const ours = name === undefined ? undefined : sudoFields[name];
    if (ours !== undefined) details[ours] = value.slice(0, 512);
    else if (name === undefined) refusal ??= refusals.find(([words]) => words.test(part))?.[1];
  }
  return { action: actions.command, ...(refusal ?? { outcome: "success" }), actor: account(user), details };
}

/** su: the old form `Successful su for root by dana`, and that of util-linux `(to root) dana on pts/0`. */
export function readSu(message: string): Act | undefined {
  const old = /^(Successful|FAILED) su for (.*) by (.*)$/is.exec(message);
  const recent = /^(FAILED SU )?\(to (.*)\) (\S+) on (\S+)$/s.exec(message);
  const [, word, target = "", user = "", terminal] = old ?? recent ?? [];
  if (!old && !recent) return undefined;
  const failed = word !== undefined && /^failed/i.test(word);
  const details: Record<string, Json> = { program: "su", runAs: target.slice(0, 512) };
  if (terminal) details.terminal = terminal.slice(0, 512);
  const outcome: Refusal = failed ? { outcome: "failure", reason: "invalid_password" } : { outcome: "success" };
  return { action: actions.switched, ...outcome, actor: account(user), details };
}

/** A line of useradd, usermod, passwd… and what it says; `target` names the group of the expression that holds the name. */
interface Rule {
  words: RegExp;
  action: string;
  outcome?: Refusal;
  /** The target is a group, not an account. */
  group?: true;
}

const failed = (reason: string): Refusal => ({ outcome: "failure", reason });

const rules: Rule[] = [
  {
    words:
      /^new user: name=(?<target>[^,]*), UID=(?<uid>\d+)(?:, GID=(?<gid>\d+))?(?:, home=(?<home>[^,]*))?(?:, shell=(?<shell>[^,]*))?/,
    action: actions.created,
  },
  { words: /^failed adding user '(?<target>.*?)'/, action: actions.created, outcome: failed("not_created") },
  { words: /^delete user '(?<target>.*)'$/, action: actions.deleted },
  { words: /^lock user '(?<target>.*)' password$/, action: actions.locked },
  { words: /^unlock user '(?<target>.*)' password$/, action: actions.unlocked },
  { words: /^change user '(?<target>.*)' password$/, action: actions.password },
  { words: /^change user '(?<target>.*?)' (?<what>.+)$/, action: actions.changed },
  { words: /^changed user '(?<target>.*?)' (?<what>.+)$/, action: actions.changed },
  { words: /^changed password expiry for (?<target>.+)$/, action: actions.changed },
  { words: /^add '(?<member>.*)' to group '(?<target>.*)'$/, action: actions.memberAdded, group: true },
  { words: /^delete '(?<member>.*)' from group '(?<target>.*)'$/, action: actions.memberRemoved, group: true },
  { words: /^new group: name=(?<target>[^,]*), GID=(?<gid>\d+)/, action: actions.groupCreated, group: true },
  { words: /^removed group '(?<target>.*?)'(?: owned by|$)/, action: actions.groupDeleted, group: true },
  { words: /^group '(?<target>.*)' removed$/, action: actions.groupDeleted, group: true },
  {
    words: /^pam_unix\((?:passwd|chpasswd):chauthtok\): password changed for (?<target>.*)$/,
    action: actions.password,
  },
  {
    words: /^pam_unix\((?:passwd|chpasswd):chauthtok\): user "(?<target>.*)" does not exist/,
    action: actions.password,
    outcome: failed("unknown_user"),
  },
];

/** A line of the programs that keep a server's accounts, or undefined when it says nothing new. */
export function readAccountChange(program: string, message: string): Act | undefined {
  for (const { words, action, outcome, group } of rules) {
    const match = words.exec(message);
    if (!match) continue;
    const { target = "", member = "", ...rest } = match.groups ?? {};
    const details: Record<string, Json> = { program };
    for (const [name, value] of Object.entries(rest)) if (value !== undefined) details[name] = value.slice(0, 512);
    const about = accountTarget(target);
    const targets = group ? [...about.map((one) => ({ ...one, type: "group" })), ...accountTarget(member)] : about;
    return {
      action,
      ...(outcome ?? { outcome: "success" }),
      actor: { type: "system", name: program },
      targets,
      details,
    };
  }
  return undefined;
}
