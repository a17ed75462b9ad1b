import { describe, expect, test } from "vitest";
import { guessAction, kindFor } from "./guess.ts";
import { compileSentence } from "./sentence.ts";
import { regularInfinitive } from "./verbs.ts";

const tell = (action: string, outcome: "success" | "failure" | "denied" = "success", id = "mc-01") =>
  compileSentence(guessAction(action))({
    actor: { type: "user", name: "Dana" },
    outcome,
    ...(id && { targets: [{ type: "server", id }] }),
  });

describe("an action that is not in the catalogue", () => {
  test.each([
    ["server.frobnicated", "Dana frobnicated mc-01"],
    ["server.cache.cleared", "Dana cleared the cache of mc-01"],
    ["server.cache_cleared", "Dana cleared the cache of mc-01"],
    ["server.suspend", "Dana suspended mc-01"],
    ["server.config.written", "Dana wrote the config of mc-01"],
    ["server.rotate_key", "Dana rotated the key of mc-01"],
    ["aws.ec2.describe_instances", "Dana described the ec2 instances of mc-01"],
    ["server.mass_deleted", "Dana mass-deleted mc-01"],
    ["server.heartbeat", "Dana reported heartbeat on mc-01"],
    ["server.deploy.failed", "The deploy of mc-01 failed"],
    ["server.taken", "Dana took mc-01"],
    ["server._", "Dana reported something on mc-01"],
  ])("%s reads: %s", (action, sentence) => {
    expect(tell(action)).toBe(sentence);
  });

  test("fails and is denied by the same grammar", () => {
    expect(tell("server.frobnicated", "failure")).toBe("Dana could not frobnicate mc-01");
    expect(tell("server.config.written", "denied")).toBe("Dana was not allowed to write the config of mc-01");
  });

  test("reads without a target too", () => {
    expect(tell("widget.frobnicated", "success", "")).toBe("Dana frobnicated a widget");
    expect(tell("aws.ec2.describe_instances", "success", "")).toBe("Dana described the ec2 instances");
  });

  test("takes its kind from the actor and its severity from the verb", () => {
    expect(guessAction("server.frobnicated", "staff")).toMatchObject({
      category: "server",
      kind: "administrative",
      severity: "low",
    });
    expect(guessAction("server.frobnicated", "user").kind).toBe("user");
    expect(guessAction("server.frobnicated", "system").kind).toBe("system");
    expect(guessAction("widget.wiped").severity).toBe("medium");
    expect(guessAction("widget.viewed").severity).toBe("info");
  });

  test("a user's act is administrative when staff does it, and the system's when a job does it", () => {
    expect(kindFor("user", "staff")).toBe("administrative");
    expect(kindFor("user", "system")).toBe("system");
    expect(kindFor("user", "user")).toBe("user");
    expect(kindFor("administrative", "system")).toBe("administrative");
  });
});

test.each([
  ["created", "create"],
  ["verified", "verify"],
  ["stopped", "stop"],
  ["deployed", "deploy"],
  ["enabled", "enable"],
  ["opened", "open"],
  ["edited", "edit"],
  ["invited", "invite"],
  ["queued", "queue"],
  ["resized", "resize"],
  ["purged", "purge"],
  ["installed", "install"],
  ["pinged", "ping"],
])("the infinitive of %s is %s", (past, infinitive) => {
  expect(regularInfinitive(past)).toBe(infinitive);
});
