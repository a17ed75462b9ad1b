import type { Task } from "@daybook/contract";
import { type FindingStage, findingStage, signedInClient, type TestPanel, testPanel } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Callbacks } from "../../tasks/callback/callbacks.ts";

let stage: FindingStage;
let panel: TestPanel;
let callbacks: Callbacks;

beforeAll(async () => {
  panel = await testPanel();
  stage = await findingStage({ allowedHosts: ["127.0.0.1"] });
  callbacks = new Callbacks(stage.deps);
  await stage.ask("PUT", "/task-types/instance.deploy", { idempotent: true, callback: `${panel.address}/daybook` });
  const owner = await signedInClient(stage);
  await stage.deps.db.query("update session set stepped_up_until = $1", [new Date(Date.now() + 60_000)]);
  expect((await owner.request("POST", "/task-types/instance.deploy/secret")).statusCode).toBe(201);
});
afterAll(async () => {
  await stage.close();
  await panel.close();
});

/** A failed task that the panel is asked to try again. */
async function askRetry(): Promise<string> {
  const { id } = await stage.ask<Task>("POST", "/tasks", { type: "instance.deploy", status: "running" });
  await stage.ask("PATCH", `/tasks/${id}`, { status: "failed", error: "no host" });
  await stage.ask("POST", `/tasks/${id}/retry-attempts`);
  return id;
}

/** Makes the calls of so many minutes. */
async function callFor(minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    stage.advance(60_000);
    await callbacks.runDue();
  }
}

test("a panel that does not answer is found with its last answer, until it does", async () => {
  panel.answerWith(() => ({ status: 503, body: "down for maintenance" }));
  const id = await askRetry();
  await callbacks.runDue();
  expect(await stage.find("callback_failing")).toEqual([]);
  await callFor(4);
  const [finding] = await stage.find("callback_failing");
  expect(finding).toMatchObject({ about: `${panel.address}/daybook`, severity: "warning", link: `/tasks/${id}` });
  expect(finding?.found).toMatch(
    /^1 request waits; the first was asked 4 minutes ago, tried [3-5] times\. The last answer of .*503/,
  );
  expect(finding?.command).toContain(`curl -sS -o /dev/null -w '%{http_code}\\n' -X POST ${panel.address}/daybook`);

  panel.answerWith(() => ({ status: 202 }));
  await callFor(6);
  expect(await stage.find("callback_failing")).toEqual([]);
});

test("what was given up is found until a later request is answered", async () => {
  panel.answerWith(() => undefined);
  await askRetry();
  await callFor(61);
  const [finding] = await stage.find("callback_failing");
  expect(finding).toMatchObject({
    severity: "critical",
    found: expect.stringContaining("1 request was given up after an hour"),
  });
  panel.answerWith(() => ({ status: 202 }));
  await askRetry();
  await callFor(1);
  expect(await stage.find("callback_failing")).toEqual([]);
});
