import type { EventInput } from "@daybook/contract";

/**
 * Events like those of a busy hosting platform, the same for the same seed: skewed actors, targets, addresses and
 * actions, 3 % failures, changes and details on some. About 700 bytes of JSON each.
 */
export function* benchEvents(
  count: number,
  options: { startMs: number; endMs: number; seed?: number },
): Generator<EventInput> {
  const random = generator(options.seed ?? 7);
  const skewed = (size: number): number => Math.floor(size * random() ** 3);
  const step = (options.endMs - options.startMs) / count;
  for (let index = 0; index < count; index++) {
    const timeMs = Math.floor(options.startMs + index * step);
    yield eventAt(timeMs, index, random, skewed);
  }
}

const actions = [
  "server.power.started",
  "auth.login",
  "server.files.written",
  "server.backup.created",
  "server.power.stopped",
  "server.resources.updated",
  "payment.received",
  "invoice.created",
  "server.console.used",
  "ticket.replied",
  "server.power.restarted",
  "router.synced",
  "server.created",
  "user.updated",
  "server.suspended",
  "server.reinstalled",
  "server.deleted",
  "api_token.created",
  "balance.credited",
  "server.transferred",
] as const;
const reasons = ["upgrade", "abuse", "chargeback", "overdue", "maintenance"];
const agents = [
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15",
  "curl/8.14.1",
  "node-agent/2.3 (+linux)",
];

function eventAt(timeMs: number, index: number, random: () => number, skewed: (size: number) => number): EventInput {
  const user = skewed(5_000);
  const server = skewed(20_000);
  const address = skewed(8_000);
  const action = actions[skewed(actions.length)] ?? "server.created";
  const event: EventInput = {
    id: uuidAt(timeMs, random),
    occurredAt: new Date(timeMs).toISOString(),
    action,
    actor: {
      type: user % 50 === 0 ? "staff" : "user",
      id: `${user}`,
      name: `Person ${user}`,
      email: `person${user}@customers.example`,
    },
    targets: [{ type: "server", id: `srv-${server}`, name: `mc-${server}`, ownerId: `${skewed(5_000)}` }],
    origin: {
      ip: `${20 + (address % 60)}.${(address * 7) % 256}.${(address * 13) % 256}.${address % 254}`,
      userAgent: agents[skewed(agents.length)] ?? "",
      sessionId: `s-${user}-${skewed(20)}`,
      requestId: `req-${(index >> 1).toString(36)}`,
      auth: "session",
    },
    outcome: random() < 0.03 ? "failure" : "success",
    details: {
      plan: `plan-${skewed(30)}`,
      ticket: `T-${skewed(100_000)}`,
      reason: reasons[skewed(reasons.length)] ?? "",
      node: `node-${skewed(40)}`,
    },
  };
  if (event.outcome === "failure") event.reason = "no_capacity";
  if (action === "server.resources.updated") event.changes = [{ field: "memoryMb", old: 1024, new: 2048 }];
  if (index % 3 === 0) event.project = `p-${skewed(300)}`;
  return event;
}

function uuidAt(timeMs: number, random: () => number): string {
  const time = timeMs.toString(16).padStart(12, "0");
  const hex = (digits: number): string =>
    Math.floor(random() * 16 ** digits)
      .toString(16)
      .padStart(digits, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(3)}-8${hex(3)}-${hex(6)}${hex(6)}`;
}

/** mulberry32: small, fast, good enough for spreading test data. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
