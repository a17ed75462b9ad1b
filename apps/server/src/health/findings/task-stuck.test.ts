import type { Task } from "@daybook/contract";
import { type FindingStage, findingStage } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { endpointCall } from "../../tasks/callback/call-endpoint.ts";
import { defineTask } from "../../tasks/define-task.ts";
import { startTasks } from "../../tasks/start-tasks.ts";

let stage: FindingStage;
let work: { stop(): Promise<void> };
let release = (): void => {};

beforeAll(async () => {
  stage = await findingStage();
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  stage.deps.tasks.types.define(
    defineTask("test.copy", z.object({}), async (_, { line }) => {
      line("copied 3 of 9 disks");
      await held;
    }),
  );
  work = await startTasks({ ...stage.deps, version: "test", callEndpoint: endpointCall(stage.deps) });
});
afterAll(async () => {
  release();
  await work.stop();
  await stage.close();
});

/** A task that the panel runs. */
const report = (task: object) =>
  stage.ask<Task>("POST", "/tasks", { title: "Deploy web-1", status: "running", ...task });

/** Has tasks of a type run, so that its usual time is known. */
async function runSome(type: string): Promise<void> {
  for (let run = 0; run < 6; run++) {
    const { id } = await report({ type });
    await stage.ask("PATCH", `/tasks/${id}`, { status: "completed" });
  }
  const untold = async () => (await stage.deps.db.query("select from task_happening where not told")).rowCount;
  await expect.poll(untold, { timeout: 10_000 }).toBe(0);
}

test("a task of the panel that waits for its hypervisor is found, with what to do on that node, until it ends", async () => {
  await runSome("instance.deploy");
  const { id } = await report({ type: "instance.deploy", node: "hv-07", user: { id: "cus-1" } });
  await stage.ask("POST", `/tasks/${id}/lines`, [
    { text: "copying image" },
    { text: "waiting for hypervisor response" },
  ]);
  expect(await stage.find("task_stuck")).toEqual([]);
  stage.advance(5 * 60_000);
  const [finding] = await stage.find("task_stuck");
  expect(finding).toMatchObject({
    about: id,
    severity: "critical",
    title: "Deploy web-1 waits for the hypervisor to answer on hv-07",
    link: `/tasks/${id}`,
  });
  expect(finding?.found).toMatch(
    /has run for 5 minutes, since .* Usual are up to \d+ m?s\. The panel runs it; it was last heard of/,
  );
  expect(finding?.found).toContain("Its last line: waiting for hypervisor response");
  expect(finding?.command).toMatch(/^ssh hv-07 "/);
  expect(finding?.mend).toContain(`PATCH /api/v1/tasks/${id}`);

  await stage.ask("PATCH", `/tasks/${id}`, { status: "failed", error: "the node was restarted" });
  expect(await stage.find("task_stuck")).toEqual([]);
  stage.advance(-5 * 60_000);
});

test("many that wait for the same on one node are one finding", async () => {
  await runSome("instance.start");
  const made = await Promise.all(
    ["a", "b", "c"].map((name) => report({ type: "instance.start", title: `Start ${name}`, node: "hv-08" })),
  );
  for (const { id } of made)
    await stage.ask("POST", `/tasks/${id}/lines`, { text: "still waiting for node hv-08 to respond" });
  stage.advance(5 * 60_000);
  const found = await stage.find("task_stuck");
  expect(found.map(({ title }) => title)).toEqual([
    "3 tasks of the type instance.start are stuck on hv-08: each waits for the hypervisor to answer",
  ]);
  expect(found[0]?.link).toBe("/tasks?status=running&type=instance.start&node=hv-08");
  for (const { id } of made) await stage.ask("PATCH", `/tasks/${id}`, { status: "completed" });
  expect(await stage.find("task_stuck")).toEqual([]);
  stage.advance(-5 * 60_000);
});

test("the name of a node never gets into a command as one", async () => {
  await runSome("instance.stop");
  const { id } = await report({ type: "instance.stop", node: "hv-9; rm -rf /" });
  await stage.ask("POST", `/tasks/${id}/lines`, { text: "waiting for hypervisor response" });
  stage.advance(5 * 60_000);
  const [finding] = await stage.find("task_stuck");
  expect(finding?.title).toContain("hv-9; rm -rf /");
  expect(finding?.command).toBeUndefined();
  await stage.ask("PATCH", `/tasks/${id}`, { status: "completed" });
  stage.advance(-5 * 60_000);
});

test("a task whose type has no usual time is found when it was not heard of for long, and not while it writes or gets on", async () => {
  const { id } = await report({ type: "instance.migrate", title: "Migrate db-2" });
  stage.advance(65 * 60_000);
  const [finding] = await stage.find("task_stuck");
  expect(finding).toMatchObject({ title: "Migrate db-2 is stuck", severity: "critical" });
  expect(finding?.found).toContain("No usual time is known yet");
  expect(finding?.found).toContain("It has written no line");
  await stage.ask("POST", `/tasks/${id}/lines`, { text: "memory page 4,812 of 9,000" });
  expect(await stage.find("task_stuck")).toEqual([]);
  stage.advance(20 * 60_000);
  expect(await stage.find("task_stuck")).toHaveLength(1);
  await stage.ask("PATCH", `/tasks/${id}`, { progress: 54 });
  expect(await stage.find("task_stuck")).toEqual([]);
  await stage.ask("PATCH", `/tasks/${id}`, { status: "completed" });
  stage.advance(-85 * 60_000);
});

test("of a task that a worker holds it is said which one, until it lets go", async () => {
  // It begins and writes its line two hours ago; its worker is alive now.
  stage.advance(-2 * 60 * 60_000);
  const { id } = await stage.ask<Task>("POST", "/tasks", { type: "test.copy", payload: {} });
  const read = () => stage.ask<Task>("GET", `/tasks/${id}`);
  await expect.poll(async () => (await read()).lastLine, { timeout: 10_000 }).toBe("copied 3 of 9 disks");
  stage.advance(2 * 60 * 60_000);
  const [finding] = await stage.find("task_stuck");
  const { worker } = await read();
  expect(finding?.severity).toBe("warning");
  expect(finding?.found).toContain(`The worker ${worker} holds it and is alive`);
  release();
  await expect.poll(() => stage.find("task_stuck"), { timeout: 10_000 }).toEqual([]);
});
