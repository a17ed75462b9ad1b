import type { Schedule, ScheduleRun } from "@daybook/contract";
import { type RemoteServer, remoteServer } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Daybook } from "./daybook.ts";

let server: RemoteServer;
let daybook: Daybook;
const told: Error[] = [];

beforeAll(async () => {
  server = await remoteServer(["tasks:write", "schedules:write", "events:read"]);
  daybook = new Daybook({ url: server.line.address, key: server.key.key, onError: (error) => told.push(error) });
  for (const name of ["nightly-backup", "renewals"])
    await server.send("PUT", `/schedules/${name}`, { cron: "0 2 * * *" });
});
afterAll(async () => {
  await daybook?.close();
  await server?.close();
});

async function runsOf(name: string): Promise<ScheduleRun[]> {
  const { items } = await server.read<{ items: ScheduleRun[] }>(`/schedules/${name}/runs`);
  return items;
}

test("a check-in is stored with its time, exit code and output", async () => {
  await daybook.schedules.checkIn("nightly-backup", { state: "started" });
  await daybook.schedules.checkIn("nightly-backup", { state: "failed", exitCode: 28, output: "no space left" });
  expect(await runsOf("nightly-backup")).toMatchObject([{ state: "failed", exitCode: 28, output: "no space left" }]);
  expect((await server.read<Schedule>("/schedules/nightly-backup")).state).toBe("down");
});

test("a function is run as one run of a schedule, whether Daybook can be reached or not", async () => {
  expect(await daybook.schedules.run("renewals", async () => 3)).toBe(3);
  server.line.cut();
  const failing = daybook.schedules.run("renewals", () => {
    throw new Error("the registry is closed");
  });
  await expect(failing).rejects.toThrow("the registry is closed");
  server.line.mend();
  await expect
    .poll(async () => (await runsOf("renewals")).map(({ state, output }) => [state, output]).sort(), {
      timeout: 10_000,
    })
    .toEqual([
      ["failed", "the registry is closed"],
      ["succeeded", undefined],
    ]);
});

test("a schedule that is not there is told", async () => {
  await expect(daybook.schedules.checkIn("Not a name!", { state: "started" })).rejects.toMatchObject({ status: 400 });
});
