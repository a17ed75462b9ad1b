import { describe, expect, test } from "vitest";
import { eventInputSchema, kinds, severities } from "../event.ts";
import { actionCategories, catalogue } from "./catalogue.ts";
import { compileSentence } from "./sentence.ts";
import { verbOfPast } from "./verbs.ts";

const all = [...catalogue().values()];

describe("the action catalogue", () => {
  test("knows more than 300 actions, each a name that the contract takes", () => {
    expect(all.length).toBeGreaterThan(300);
    const wrong = all.filter(({ action }) => !eventInputSchema.shape.action.safeParse(action).success);
    expect(wrong.map(({ action }) => action)).toEqual([]);
  });

  test("gives every action a category, a kind and a severity of the contract", () => {
    for (const definition of all) {
      expect(definition.category).toBe(definition.action.split(".")[0]);
      expect(kinds).toContain(definition.kind);
      expect(severities).toContain(definition.severity);
      expect(actionCategories().get(definition.category)?.title).toBeTruthy();
    }
  });

  test("covers what a hosting, cloud and internet platform does", () => {
    const words =
      "auth user role staff server backup database node location egg image payment balance order invoice product coupon settings " +
      "ticket api_key ssh_key team project storage volume snapshot pod gpu router radius pppoe plan subscriber sync domain dns " +
      "firewall mail task schedule alert privacy log";
    expect(words.split(" ").filter((category) => !actionCategories().has(category))).toEqual([]);
  });

  test("has the names that the console's design uses", () => {
    const names =
      "server.power.start server.files.written server.backup.created server.resources.updated server.suspended server.deleted";
    expect(names.split(" ").filter((name) => !catalogue().has(name))).toEqual([]);
  });

  test("tells every action as success, failure and denial without a hole in the sentence", () => {
    for (const definition of all) {
      const tell = compileSentence(definition);
      for (const outcome of ["success", "failure", "denied"] as const) {
        for (const targets of [undefined, [{ type: "thing", id: "t-1", name: "Thing" }]]) {
          const line = tell({ actor: { type: "user", name: "Dana" }, outcome, ...(targets && { targets }) });
          expect(line, definition.action).not.toMatch(/[{}[\]|]| {2}|undefined|^\s|\s$/);
          expect(line, definition.action).toMatch(/^[A-Z“"]/);
        }
      }
    }
  });

  test("has a verb in every sentence, so that failure and denial follow by grammar", () => {
    const mute = all.filter(({ says, failure }) => {
      const words = says.replace(/\[[^\]]*\]|\{[^}]*\}/g, " ").split(/\s+/);
      return !failure && !words.some((word) => verbOfPast(word));
    });
    expect(mute.map(({ action }) => action)).toEqual([]);
  });

  test("never records a failed sign-in under a name of its own", () => {
    const names = all.map(({ action }) => action).filter((action) => /log_?in|sign_?in/.test(action));
    expect(names).toEqual(["auth.login"]);
  });
});
