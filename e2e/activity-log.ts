import type { EventInput } from "@daybook/contract";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const people = [
  { type: "staff", id: "42", name: "Dana Whitfield", email: "dana@acme.example" },
  { type: "user", id: "77", name: "Lee Park", email: "lee@park.example" },
  { type: "user", id: "78", name: "Ivo Markov", email: "ivo@markov.example" },
  { type: "api_key", id: "key-billing", name: "billing" },
] as const;
const addresses = ["203.0.113.24", "198.51.100.7", "192.0.2.19", "203.0.113.40"];
const actions = ["server.power.start", "server.power.stop", "server.viewed", "backup.created"];

/** How many events `activityLog` tells, and how many of them failed. */
export const logEvents = 401;
export const logFailures = 40;
/** All of them belong to it; what the server says of itself does not. */
export const logProject = "p-e2e";
/** When, before now, a failed deploy happened, of which there are 30 in one hour. */
export const stormHoursAgo = 60;

/** A week of an invented panel, the same each time but for the clock: 300 plain events, a storm of failures, sign-ins refused, and one
 *  change of resources that the tests look at. */
export function activityLog(now: number): EventInput[] {
  const events: EventInput[] = [];
  for (let number = 0; number < 360; number++) {
    const failed = number % 36 === 7;
    events.push({
      occurredAt: iso(now - 10 * MINUTE_MS - number * 27 * MINUTE_MS),
      action: pick(actions, number),
      actor: { ...pick(people, number) },
      targets: [{ type: "server", id: `srv-${number % 9}`, name: `mc-${number % 9}`, ownerId: "77" }],
      origin: {
        ip: pick(addresses, number),
        requestId: `req-${number}`,
        sessionId: `ses-${number % 12}`,
        auth: "session",
      },
      ...(failed ? { outcome: "failure" as const, reason: "disk_full" } : {}),
    });
  }
  for (let number = 0; number < 30; number++)
    events.push({
      occurredAt: iso(now - stormHoursAgo * HOUR_MS + number * MINUTE_MS),
      action: "deployment.started",
      actor: { type: "system", id: "deployer", name: "Deployer" },
      targets: [{ type: "server", id: "srv-storm", name: "vps-2231" }],
      outcome: "failure",
      reason: "no_free_address",
    });
  for (let number = 0; number < 10; number++)
    events.push({
      occurredAt: iso(now - 30 * HOUR_MS + number * MINUTE_MS),
      action: "server.console.opened",
      actor: { type: "anonymous" },
      targets: [{ type: "server", id: "srv-3", name: "mc-3" }],
      origin: { ip: "192.0.2.201" },
      outcome: "denied",
    });
  events.push(theChange(now));
  return events.map((event) => ({ ...event, project: logProject }));
}

/** The event that the side panel is tested with: changes, a secret, nested details. */
function theChange(now: number): EventInput {
  return {
    occurredAt: iso(now - 3 * MINUTE_MS),
    action: "server.resources.updated",
    actor: { ...people[0] },
    targets: [{ type: "server", id: "srv-lobby", name: "mc-lobby-04", ownerId: "77" }],
    origin: {
      ip: "203.0.113.24",
      userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
      requestId: "req_8f2c41d0",
      auth: "session",
    },
    changes: [
      { field: "memoryMb", old: 4096, new: 8192 },
      { field: "apiKey", old: "old-secret", new: "new-secret" },
    ],
    details: { plan: "Lobby XL", ticket: "T-20418", limits: { cpu: { percent: 400 } } },
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function pick<T>(list: readonly T[], number: number): T {
  return list[number % list.length] as T;
}
