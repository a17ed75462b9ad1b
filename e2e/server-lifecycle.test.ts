import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Daybook, type TaskHandle } from "@daybook/client";
import type { Task } from "@daybook/contract";
import { type RemoteServer, remoteServer } from "@daybook/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** The notifications of an OpenStack Nova, one of each kind: https://docs.openstack.org/nova/latest/admin/notifications.html */
const directory = resolve(import.meta.dirname, "../../shared/data/server-lifecycle-nova");
const absent = existsSync(directory) ? "" : ` (skipped: ${directory} is not there)`;

interface Notification {
  priority: "INFO" | "ERROR";
  event_type: string;
  publisher_id: string;
  payload: { "nova_object.data": Record<string, unknown> };
  _file: string;
}

interface Truth {
  notifications: number;
  operations: Record<string, string[]>;
  failed: { event_type: string; exception: string | null }[];
}

const read = (name: string): string => readFileSync(join(directory, name), "utf8");

/** `instance.create.error` is the operation instance.create at its phase error; what has no phase is over at once. */
function phaseOf({ event_type, priority }: Notification): { operation: string; phase: string } {
  const found = /^(.+)\.(start|end|error|progress)$/.exec(event_type);
  if (found !== null) return { operation: found[1] ?? "", phase: found[2] ?? "" };
  return { operation: event_type, phase: priority === "ERROR" ? "error" : "end" };
}

type NovaObject = { "nova_object.data": Record<string, unknown> };

/** The exception of a failure: below `fault`, below `reason`, or the notification itself. */
function faultOf(data: Record<string, unknown>): { message: string; code: string; traceback: string } {
  const within = (data.fault ?? data.reason ?? { "nova_object.data": data }) as NovaObject;
  const { exception, exception_message: message, traceback } = within["nova_object.data"];
  return { message: String(message), code: String(exception), traceback: String(traceback ?? "") };
}

describe.skipIf(absent)(`every notification of a Nova, told as tasks${absent}`, () => {
  let server: RemoteServer;
  let daybook: Daybook;
  let truth: Truth;
  let notifications: Notification[];
  /** Runs under way and over, by operation. */
  const handles: TaskHandle[] = [];

  beforeAll(async () => {
    truth = JSON.parse(read("truth.json"));
    const order = ["start", "progress", "end", "error"];
    notifications = read("notifications.resolved.jsonl")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Notification)
      .sort((left, right) => order.indexOf(phaseOf(left).phase) - order.indexOf(phaseOf(right).phase));
    server = await remoteServer(["tasks:write", "events:read"]);
    daybook = new Daybook({ url: server.line.address, key: server.key.key });
  });
  afterAll(async () => {
    await daybook?.close();
    await server?.close();
  });

  const running = new Map<string, TaskHandle[]>();

  function start(operation: string, { publisher_id, payload }: Notification): TaskHandle {
    const data = payload["nova_object.data"];
    const id = data.uuid ?? data.instance_uuid;
    const [, node = ""] = publisher_id.split(":");
    const handle = daybook.tasks.start({
      type: operation,
      node,
      payload: JSON.parse(JSON.stringify(data)),
      ...(typeof id === "string" ? { targets: [{ type: operation.split(".")[0] ?? "", id }] } : {}),
      ...(typeof data.user_id === "string" ? { user: { id: data.user_id } } : {}),
    });
    handles.push(handle);
    return handle;
  }

  const statuses = async (query: string): Promise<Task[]> =>
    (await server.read<{ items: Task[] }>(`/tasks?limit=500&${query}`)).items;

  test("after .start a task is running", async () => {
    const starts = notifications.filter((one) => phaseOf(one).phase === "start");
    for (const one of starts) {
      const { operation } = phaseOf(one);
      running.set(operation, [...(running.get(operation) ?? []), start(operation, one)]);
    }
    await Promise.all(handles.map((handle) => handle.flush()));
    const tasks = await statuses("status=running");
    expect(tasks).toHaveLength(starts.length);
    const started = Object.entries(truth.operations).filter(([, phases]) => phases.includes("start"));
    expect(new Set(tasks.map(({ type }) => type))).toEqual(new Set(started.map(([operation]) => operation)));
  });

  test("after .end it is completed, after .error failed with the exception, and the counts are those of the truth", async () => {
    const ends: Promise<void>[] = [];
    for (const one of notifications) {
      const { operation, phase } = phaseOf(one);
      if (phase === "start") continue;
      const open = running.get(operation)?.[0];
      if (phase === "progress") {
        const { index, total } = one.payload["nova_object.data"] as { index: number; total: number };
        open?.progress((index / total) * 100);
        continue;
      }
      running.get(operation)?.shift();
      const handle = open ?? start(operation, one);
      if (phase === "end") ends.push(handle.complete());
      else {
        const { traceback, ...error } = faultOf(one.payload["nova_object.data"]);
        if (traceback !== "") handle.err(traceback);
        ends.push(handle.fail(error));
      }
    }
    await Promise.all(ends);

    const all = await statuses("");
    expect(new Set(all.map(({ type }) => type))).toEqual(new Set(Object.keys(truth.operations)));
    expect(new Set(all.map(({ type }) => type)).size).toBe(72);
    const failed = await statuses("status=failed");
    const known = truth.failed.map(({ event_type }) => event_type.replace(/\.error$/, ""));
    expect(failed.map(({ type }) => type).sort()).toEqual(known.sort());
    for (const { event_type, exception } of truth.failed) {
      const task = failed.find(({ type }) => type === event_type.replace(/\.error$/, ""));
      if (exception !== null) expect(task?.error?.code, event_type).toBe(exception);
    }
    const over = notifications.filter((one) => ["end", "error"].includes(phaseOf(one).phase));
    expect(await statuses("status=completed")).toHaveLength(over.length - truth.failed.length);
    expect(await statuses("status=running")).toEqual([]);
    expect(all).toHaveLength(over.length);
    expect(notifications).toHaveLength(truth.notifications);
  });

  test("each of these changes is an event of the log, and the trace of a failure is in its output", async () => {
    const count = async (action: string): Promise<number> =>
      (await server.read<{ total: { value: number } }>(`/events?q=action:${action}`)).total.value;
    const over = handles.length;
    await expect.poll(() => count("task.completed"), { timeout: 10_000 }).toBe(over - truth.failed.length);
    expect(await count("task.failed")).toBe(truth.failed.length);
    expect(await count("task.started")).toBe(over);
    const [task] = await statuses("type=instance.create&status=failed");
    const { items } = await server.read<{ items: { text: string; stream: string }[] }>(`/tasks/${task?.id}/lines`);
    expect(items[0]).toMatchObject({ stream: "err", text: expect.stringContaining("Traceback") });
  });
});
