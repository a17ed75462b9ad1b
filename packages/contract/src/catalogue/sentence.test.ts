import { describe, expect, test } from "vitest";
import { catalogue } from "./catalogue.ts";
import { compileSentence } from "./sentence.ts";
import type { Told } from "./wording.ts";

const dana = { type: "staff", id: "1", name: "Dana" } as const;
const mc = { type: "server", id: "srv-1", name: "mc-01" };

const tell = (action: string, told: Told) => {
  const definition = catalogue().get(action);
  if (!definition) throw new Error(`${action} is not in the catalogue`);
  return compileSentence(definition)({ actor: dana, targets: [mc], ...told });
};
const says = (template: string, told: Told = {}, noun = "a server") =>
  compileSentence({ says: template, noun })({ actor: dana, targets: [mc], ...told });

describe("a sentence", () => {
  test.each<[string, Told, string]>([
    ["server.resources.updated", {}, "Dana changed the resources of mc-01"],
    ["server.resources.updated", { outcome: "failure" }, "Dana could not change the resources of mc-01"],
    ["server.resources.updated", { outcome: "denied" }, "Dana was not allowed to change the resources of mc-01"],
    [
      "server.deployed",
      { outcome: "failure", reason: "no free address on node-9" },
      "Dana could not deploy mc-01: no free address on node-9",
    ],
    ["server.suspended", { reason: "invoice_overdue" }, "Dana suspended mc-01 because the invoice is overdue"],
    ["server.suspended", { reason: "chargeback" }, "Dana suspended mc-01: chargeback"],
    ["server.console.opened", { outcome: "denied" }, "Dana was denied the console of mc-01"],
    [
      "server.moved",
      { changes: [{ field: "node", old: "node-3", new: "node-7" }] },
      "Dana moved mc-01 from node-3 to node-7",
    ],
    [
      "server.transferred",
      { targets: [mc, { type: "user", id: "7", name: "Lee Park" }] },
      "Dana transferred mc-01 to Lee Park",
    ],
    ["server.backup.restored", { details: { name: "nightly-1120" } }, "Dana restored the backup nightly-1120 on mc-01"],
    ["server.files.written", { details: { file: "server.properties" } }, "Dana wrote server.properties on mc-01"],
    ["server.files.deleted", { details: { files: ["a", "b", "c"] } }, "Dana deleted 3 files on mc-01"],
    ["server.files.deleted", { details: { count: 1204 } }, "Dana deleted 1,204 files on mc-01"],
    ["server.files.deleted", { details: { files: ["only.txt"] } }, "Dana deleted only.txt on mc-01"],
    ["server.files.deleted", {}, "Dana deleted files on mc-01"],
    ["server.expired", { actor: { type: "system" } }, "mc-01 expired"],
    ["node.went.offline", { targets: [{ type: "node", id: "node-9" }] }, "The node node-9 went offline"],
    ["server.deleted", { targets: [] }, "Dana deleted a server"],
  ])("tells %s %j", (action, told, expected) => {
    expect(tell(action, told)).toBe(expected);
  });

  test("says for whom somebody acts", () => {
    expect(tell("server.reinstalled", { onBehalfOf: { type: "user", name: "Lee" } })).toBe(
      "Dana (for Lee) reinstalled mc-01",
    );
  });

  test("tells a sign-in by its outcome, way and reason", () => {
    const login = (told: Told) => tell("auth.login", { targets: [], ...told });
    expect(login({})).toBe("Dana signed in");
    expect(login({ origin: { auth: "ssh" } })).toBe("Dana signed in over SSH");
    expect(login({ outcome: "failure", reason: "invalid_password" })).toBe(
      "Dana could not sign in because the password is wrong",
    );
    expect(login({ outcome: "denied", reason: "ip_not_allowed" })).toBe(
      "Dana was not allowed to sign in because the address is not on the list",
    );
    expect(login({ actor: { type: "anonymous" }, outcome: "failure", details: { user: "root" } })).toBe(
      "Visitor could not sign in as root",
    );
  });

  test("names an actor by name, else address, else id, else type", () => {
    const by = (actor: Told["actor"]) => tell("server.deleted", { actor });
    expect(by({ type: "user", email: "dana@acme.example", id: "42" })).toBe("dana@acme.example deleted mc-01");
    expect(by({ type: "user", id: "42" })).toBe("42 deleted mc-01");
    expect(by({ type: "api_key", name: "billing" })).toBe("API key billing deleted mc-01");
    expect(by({ type: "system" })).toBe("System deleted mc-01");
    expect(by({ type: "anonymous" })).toBe("Visitor deleted mc-01");
  });

  test("says 'their own' when somebody acts on themselves", () => {
    const self = [{ type: "user", id: "1", name: "Dana" }];
    expect(tell("auth.password.changed", { targets: self })).toBe("Dana changed their own password");
    expect(tell("auth.password.changed", { targets: [{ type: "user", id: "2", name: "Lee" }] })).toBe(
      "Dana changed Lee's password",
    );
    expect(tell("user.updated", { targets: self })).toBe("Dana changed their own account");
  });

  test("says how many more were touched", () => {
    const targets = Array.from({ length: 14 }, (_, at) => ({ type: "server", id: `srv-${at}` }));
    expect(tell("server.deleted", { targets })).toBe("Dana deleted srv-0 and 13 more");
  });

  test("tells the error of a failure that gives no reason", () => {
    expect(tell("server.deployed", { outcome: "failure", details: { error: "image not found\nat line 3" } })).toBe(
      "Dana could not deploy mc-01: image not found at line 3",
    );
    expect(tell("server.deployed", { outcome: "failure", details: { error: { message: "no room" } } })).toBe(
      "Dana could not deploy mc-01: no room",
    );
  });

  test("leaves out a group whose value is missing, or says its other words", () => {
    expect(says("moved {target}[ from {details.from}][ to {details.to}]", { details: { to: "n2" } })).toBe(
      "Dana moved mc-01 to n2",
    );
    expect(says("ran [{details.command}|a command] on {target}")).toBe("Dana ran a command on mc-01");
  });

  test("tells around a verb that it does not know", () => {
    expect(says("zwapt {target}")).toBe("Dana zwapt mc-01");
    expect(says("zwapt {target}", { outcome: "failure" })).toBe("Dana failed at this: zwapt mc-01");
    expect(says("the zwap of {target}")).toBe("The zwap of mc-01");
  });

  test("stays one line of readable text whatever is put in", () => {
    const line = says("renamed {target} to {details.name}", {
      details: { name: `a\nb\u202Egpj.exe${"x".repeat(2000)}` },
    });
    expect(line.length).toBeLessThan(420);
    expect(line).toMatch(/^Dana renamed mc-01 to a b gpj\.exex+…$/);
  });

  test("takes only an object's own members", () => {
    expect(says("did [{details.constructor.name}|nothing] to {target}", { details: {} })).toBe(
      "Dana did nothing to mc-01",
    );
    expect(says("did [{details.length}|nothing] to {target}", { details: "text" })).toBe("Dana did nothing to mc-01");
  });

  test.each([
    "changed {nonsense}",
    "changed {target",
    "changed [a [b]]",
    "changed {#details.files}",
    "changed {changes.x}",
    "changed {targets.x}",
  ])("refuses the template %s", (template) => {
    expect(() => compileSentence({ says: template, noun: "a thing" })).toThrow(SyntaxError);
  });
});
