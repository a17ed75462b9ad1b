import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Stand } from "../e2e/stand.ts";
import { repository } from "./run.ts";

/** The customer whose activity is shown. */
const CUSTOMER = "77";

/** Pictures of the demo panel (docs/viewer-demo) with the component in it: `viewer-panel-*.png`. Sends some events and tasks to the workspace main. */
export async function takePanel(stand: Stand, images: string): Promise<void> {
  await stand.send(customerEvents(Date.now()));
  const made = await stand.daybook("keys", "create", "--name", "panel", "--scope", "viewer_tokens:create", "--json");
  const { key } = JSON.parse(made.out) as { key: string };
  await reportTasks(stand);
  const panel = spawn(process.execPath, [join(repository, "docs/viewer-demo/panel.js")], {
    env: { ...process.env, DAYBOOK_URL: stand.server.address, DAYBOOK_KEY: key, PORT: "0", CUSTOMER },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [said] = (await once(panel.stdout, "data")) as [Buffer];
  const address = /http:\S+/.exec(said.toString())?.[0] ?? "";
  const shots = [
    { name: "viewer-panel-light", path: "/", width: 1200, colorScheme: "light" },
    { name: "viewer-panel-dark", path: "/", width: 390, colorScheme: "dark" },
  ] as const;
  try {
    for (const { name, path, width, colorScheme } of shots) {
      const page = await stand.open({ viewport: { width, height: 900 }, colorScheme });
      await page.goto(address + path);
      const changed = page.locator("daybook-activity button.row", { hasText: "resources" }).first();
      await changed.click();
      await page.locator("daybook-activity section.tasks progress").first().waitFor();
      await page.mouse.move(0, 0);
      await page.waitForTimeout(300);
      await page.screenshot({ path: join(images, `${name}.png`) });
      await page.context().close();
    }
  } finally {
    panel.kill();
  }
  stand.faults.splice(0, stand.faults.length, ...stand.faults.filter((fault) => !fault.includes(address)));
}

/** Three tasks of the customer: one that runs, one that waits, one that failed. */
async function reportTasks(stand: Stand): Promise<void> {
  const made = await stand.daybook("keys", "create", "--name", "queue", "--scope", "tasks:write", "--json");
  const { key } = JSON.parse(made.out) as { key: string };
  const tell = async (method: string, path: string, body: object): Promise<string> => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const answer = await fetch(`${stand.server.address}/api/v1/tasks${path}`, {
      method,
      headers,
      body: JSON.stringify(body),
    });
    return ((await answer.json()) as { id: string }).id;
  };
  const user = { id: CUSTOMER, name: "Mira Okafor" };
  const actor = { type: "user", ...user };
  const task = { user, actor, status: "running" };
  const failed = await tell("POST", "", { ...task, type: "instance.backup", title: "Back up build-runner" });
  await tell("PATCH", `/${failed}`, { status: "failed", error: "The backup storage is full" });
  const deploy = await tell("POST", "", { ...task, type: "instance.deploy", title: "Deploy mc-lobby-05" });
  await tell("PATCH", `/${deploy}`, { progress: 64 });
  await tell("POST", "", { user, actor, type: "instance.resize", title: "Resize shop-web" });
}

function customerEvents(now: number): Parameters<Stand["send"]>[0] {
  const mira = { type: "user", id: CUSTOMER, name: "Mira Okafor" } as const;
  const staff = { type: "staff", id: "42", name: "Dana Whitfield" } as const;
  const server = (name: string) => [{ type: "server", id: name, name, ownerId: CUSTOMER }];
  const events: Parameters<Stand["send"]>[0] = [
    { action: "server.power.restart", actor: mira, targets: server("mc-lobby-04") },
    {
      action: "server.resources.updated",
      actor: staff,
      targets: server("mc-lobby-04"),
      changes: [
        { field: "memoryMb", old: 4096, new: 8192 },
        { field: "cpuPercent", old: 200, new: 400 },
      ],
    },
    { action: "server.backup.created", actor: { type: "system" }, targets: server("shop-web") },
    { action: "server.backup.created", actor: { type: "system" }, targets: server("build-runner"), outcome: "failure" },
    { action: "auth.login", actor: mira, origin: { ip: "203.0.113.24", auth: "session" } },
    {
      action: "auth.login",
      actor: mira,
      origin: { ip: "198.51.100.7", auth: "session" },
      outcome: "failure",
      reason: "invalid_password",
    },
    { action: "server.power.stop", actor: mira, targets: server("build-runner") },
    { action: "server.power.start", actor: mira, targets: server("shop-web") },
  ];
  return events.map((event, at) => ({
    ...event,
    occurredAt: new Date(now - (at * at + 1) * 7 * 60_000).toISOString(),
  }));
}
