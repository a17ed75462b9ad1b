import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { canonicalAction, signInAction } from "./aliases.ts";
import { catalogue } from "./catalogue.ts";

const vocabulary = resolve(import.meta.dirname, "../../../../../shared/data/panel-event-vocabulary");

describe("names of other panels", () => {
  test.each([
    ["auth:fail", { action: "auth.login", outcome: "failure", reason: "invalid_credentials" }],
    ["auth:success", { action: "auth.login", outcome: "success" }],
    ["LOGIN", { action: "auth.login" }],
    ["LOGOUT", { action: "auth.logout" }],
    ["ConsoleLogin", { action: "auth.login" }],
    ["user.login", { action: "auth.login" }],
    ["server:power.start", { action: "server.power.start" }],
    ["server:file.delete_other", { action: "server.files.deleted" }],
    ["server:backup.fail", { action: "server.backup.completed", outcome: "failure" }],
    ["server:sftp.denied", { action: "server.sftp.opened", outcome: "denied" }],
    ["CREATE_BACKUP", { action: "server.backup.created" }],
    ["LogAction.BOUGHT_BALANCE", { action: "balance.topped_up" }],
    ["server.suspend", { action: "server.suspended" }],
    ["qmstart", { action: "server.power.start" }],
    ["server.deleted", { action: "server.deleted" }],
  ])("%s is %j", (name, expected) => {
    expect(canonicalAction(name)).toEqual(expected);
  });

  test("a name that says nothing to us has no canonical one", () => {
    expect(canonicalAction("server.frobnicated")).toBeUndefined();
    expect(canonicalAction("")).toBeUndefined();
    expect(canonicalAction("constructor")).toBeUndefined();
  });

  test.skipIf(!existsSync(vocabulary))(
    "every event of Pterodactyl and PteroCA is in the catalogue (skipped without the shared data)",
    () => {
      const read = (file: string) => JSON.parse(readFileSync(resolve(vocabulary, file), "utf8"));
      const pterodactyl: string[] = read("pterodactyl-activity.json").events.map(
        ({ event }: { event: string }) => event,
      );
      const { LogActionEnum, ServerLogActionEnum } = read("pteroca-enums.json").enums;
      const pteroca: string[] = [...LogActionEnum, ...ServerLogActionEnum].map(({ name }: { name: string }) => name);
      expect(pterodactyl.length + pteroca.length).toBe(119);
      const unknown = [...pterodactyl, ...pteroca].filter(
        (name) => !catalogue().has(canonicalAction(name)?.action ?? ""),
      );
      expect(unknown).toEqual([]);
    },
  );
});

describe("a sign-in by any name", () => {
  test.each([
    "user.login",
    "user.logged_in",
    "user.logged-in",
    "ssh.login",
    "admin.signin",
    "auth.sign_in",
    "customer.signed_in",
    "panel.user_login",
    "auth.login.attempt",
  ])("%s is auth.login, its outcome as sent", (name) => {
    expect(signInAction(name)).toEqual({ action: "auth.login" });
  });

  test.each([
    "auth.fail",
    "auth.login.failed",
    "user.login_failed",
    "user.failed_login",
    "ssh.login.failure",
    "authentication.failed",
  ])("%s is a failed auth.login", (name) => {
    expect(signInAction(name)).toMatchObject({ action: "auth.login", outcome: "failure" });
  });

  test.each(["auth.login.denied", "user.login.blocked"])("%s is a denied auth.login", (name) => {
    expect(signInAction(name)).toMatchObject({ action: "auth.login", outcome: "denied" });
  });

  test.each([
    "server.started",
    "user.login.settings",
    "user.last_login_ip",
    "plugin.blogin",
    "settings.login.updated",
    "auth.disable_login",
    "auth.login",
    "server.deleted",
    "user.registered",
  ])("%s keeps its name", (name) => {
    expect(signInAction(name)).toBeUndefined();
  });
});
