import { catalogue } from "@daybook/contract";
import { importedEvents, importItems } from "@daybook/testkit";
import { describe, expect, it } from "vitest";
import { sshd } from "./sshd.ts";

const read = (text: string) => importItems(sshd, [text], { year: 2026 });

describe("other programs in the same log", () => {
  const act = async (program: string, message: string) => {
    const [event] = importedEvents(await read(`Nov 20 10:11:12 web-1 ${program}: ${message}`));
    if (!event) throw new Error(`no event in ${message}`);
    expect(catalogue().has(event.action)).toBe(true);
    return event;
  };

  it("sudo runs a command with elevated rights", async () => {
    expect(
      await act("sudo", "  dana : TTY=pts/0 ; PWD=/home/dana ; USER=root ; COMMAND=/bin/ls -l ; echo COMMAND=x"),
    ).toMatchObject({
      action: "auth.command.elevated",
      outcome: "success",
      actor: { id: "dana" },
      targets: [{ type: "server", id: "web-1" }],
      details: {
        program: "sudo",
        command: "/bin/ls -l ; echo COMMAND=x",
        directory: "/home/dana",
        runAs: "root",
        terminal: "pts/0",
      },
    });
  });

  it.each([
    ["dana : user NOT in sudoers ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/su", "denied", "not_permitted"],
    ["dana : command not allowed ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/su", "denied", "not_permitted"],
    [
      "dana : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/su",
      "failure",
      "invalid_password",
    ],
    [
      "dana : a password is required ; TTY=unknown ; PWD=/ ; USER=root ; COMMAND=/bin/su",
      "failure",
      "password_required",
    ],
  ])("sudo refuses: %s", async (message, outcome, reason) => {
    expect(await act("sudo[9]", message)).toMatchObject({
      action: "auth.command.elevated",
      outcome,
      reason,
      actor: { id: "dana" },
    });
  });

  it.each([
    ["Successful su for root by dana", "success", undefined],
    ["FAILED su for root by dana", "failure", "invalid_password"],
    ["(to root) dana on pts/1", "success", undefined],
    ["FAILED SU (to root) dana on pts/1", "failure", "invalid_password"],
  ])("su switches: %s", async (message, outcome, reason) => {
    const event = await act("su[9]", message);
    expect(event).toMatchObject({
      action: "auth.elevation.granted",
      outcome,
      actor: { id: "dana" },
      details: { runAs: "root" },
    });
    expect(event.reason).toBe(reason);
  });

  it.each([
    [
      "useradd[9]",
      "new user: name=lee, UID=1001, GID=1001, home=/home/lee, shell=/bin/bash, from=none",
      "system.account.created",
      "user/lee",
    ],
    ["useradd[9]", "failed adding user 'lee', data deleted", "system.account.created", "user/lee"],
    ["useradd[9]", "new group: name=lee, GID=1001", "system.group.created", "group/lee"],
    ["groupadd[9]", "new group: name=ops, GID=1001", "system.group.created", "group/ops"],
    ["groupdel[9]", "group 'ops' removed", "system.group.deleted", "group/ops"],
    ["userdel[9]", "delete user 'lee'", "system.account.deleted", "user/lee"],
    ["userdel[9]", "removed group 'lee' owned by 'lee'", "system.group.deleted", "group/lee"],
    ["usermod[9]", "add 'lee' to group 'ops'", "group.member.added", "group/ops"],
    ["usermod[9]", "change user 'lee' shell from '/bin/sh' to '/bin/bash'", "system.account.updated", "user/lee"],
    ["usermod[9]", "lock user 'lee' password", "auth.account.locked", "user/lee"],
    ["passwd[9]", "pam_unix(passwd:chauthtok): password changed for lee", "auth.password.changed", "user/lee"],
    [
      "chpasswd[9]",
      'pam_unix(chpasswd:chauthtok): user "lee" does not exist in /etc/passwd',
      "auth.password.changed",
      "user/lee",
    ],
  ])("%s changes accounts: %s", async (program, message, action, target) => {
    const event = await act(program, message);
    expect(event.action).toBe(action);
    expect(`${event.targets?.[0]?.type}/${event.targets?.[0]?.id}`).toBe(target);
    expect(event.targets?.at(-1)).toEqual({ type: "server", id: "web-1", name: "web-1" });
    expect(event.outcome).toBe(/failed|not exist/.test(message) ? "failure" : "success");
  });

  it("names who was put into which group", async () => {
    const event = await act("usermod[9]", "add 'lee' to group 'ops'");
    expect(event.targets?.map((target) => target.id)).toEqual(["ops", "lee", "web-1"]);
  });

  it("CRON, logind and the opening of sessions are skipped, each under its name", async () => {
    const log = [
      "Nov 20 10:17:01 web-1 CRON[1]: pam_unix(cron:session): session opened for user root by (uid=0)",
      "Nov 20 10:17:01 web-1 systemd-logind[2]: New session 5 of user dana.",
      "Nov 20 10:17:01 web-1 sudo: pam_unix(sudo:session): session opened for user root by dana(uid=0)",
      "Nov 20 10:17:01 web-1 kernel: [12.5] eth0: link up",
    ];
    expect((await read(log.join("\n"))).map((item) => "skipped" in item && item.skipped)).toEqual([
      "CRON",
      "systemd-logind",
      "sudo",
      "kernel",
    ]);
  });
});
