import type { ViewerEvent } from "@daybook/contract";
import { apiKey } from "./access.ts";
import { type TestApp, testApp } from "./app.ts";

// What tests of viewer tokens tell: Dana (user 77) owns srv-1; Lee (user 88) owns srv-2; Rita is of the staff.

const own = { type: "server", id: "srv-1", name: "mc-01", ownerId: "77" };
const foreign = { type: "server", id: "srv-2", name: "mc-lee", ownerId: "88" };
const danaActor = { type: "user", id: "77", name: "Dana", email: "dana@acme.example" };
const lee = { type: "user", id: "88", name: "Lee", email: "lee@other.example" };
const rita = { type: "staff", id: "r-1", name: "Rita", email: "rita@host.example" };
const home = { ip: "203.0.113.9", userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0" };
const office = { ip: "198.51.100.7", userAgent: home.userAgent };

export const events: Record<string, object> = {
  ownRestart: { action: "server.power.restart", actor: danaActor, targets: [own], origin: home },
  ownLogin: { action: "auth.login", actor: danaActor, outcome: "failure", reason: "invalid_password", origin: home },
  staffSuspended: {
    action: "server.suspended",
    actor: rita,
    targets: [own],
    origin: office,
    reason: "fraud",
    changes: [
      { field: "node", old: "node-7", new: "node-8" },
      { field: "status", old: "running", new: "suspended" },
    ],
    details: { internalNote: "fraud of lee@other.example", plan: "Large", node: "node-7" },
  },
  mail: {
    action: "mail.delivered",
    actor: { type: "system" },
    targets: [{ type: "user", id: "77", name: "Dana" }],
    details: { template: "invoice" },
  },
  shared: { action: "server.subuser.created", actor: danaActor, targets: [own], origin: home },
  leesAct: {
    action: "server.files.deleted",
    actor: lee,
    targets: [own],
    origin: office,
    details: { files: ["a.txt"] },
  },
  foreignRestart: { action: "server.power.restart", actor: lee, targets: [foreign], origin: office },
  foreignLogin: { action: "auth.login", actor: lee, origin: office },
  loginOnOwn: { action: "auth.login", actor: lee, targets: [own], origin: office },
  foreignMail: {
    action: "mail.delivered",
    actor: { type: "system" },
    targets: [{ type: "user", id: "88", name: "Lee" }],
  },
  staffNote: { action: "server.notes.updated", actor: rita, targets: [own], origin: office },
  staffOnly: { action: "user.note.created", actor: rita, targets: [{ type: "user", id: "77", name: "Dana" }] },
  unknown: { action: "panel.secret_done", actor: rita, targets: [own] },
  foreignProject: {
    action: "project.updated",
    actor: lee,
    targets: [{ type: "project", id: "p-lee" }],
    project: "p-lee",
  },
};
/** The events that Dana may see. */
export const visible = ["ownRestart", "ownLogin", "staffSuspended", "mail", "shared", "leesAct"];

interface Answer {
  status: number;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every form
  body: any;
}

export interface CustomerStory {
  server: TestApp;
  clock: { now: number };
  /** The headers of the panel's key. */
  panel: { authorization: string };
  /** A token with the scope of Dana. */
  dana: string;
  /** The ids of the events by name. */
  ids: Record<string, string>;
  /** A viewer token, for half an hour unless told otherwise. */
  mint(wanted: object): Promise<string>;
  /** Calls a route below /api/v1/viewer; as Dana unless told otherwise. */
  get(path: string, token?: string): Promise<Answer>;
  /** What a query finds; throws what was answered when it was refused. */
  search(q: string, token?: string): Promise<ViewerEvent[]>;
}

/** A server with these events in its log, and a token for Dana. */
export async function customerStory(): Promise<CustomerStory> {
  const clock = { now: Date.UTC(2026, 10, 21, 12) };
  const server = await testApp({ clock: () => clock.now });
  const panel = (await apiKey(server.deps)).headers;
  const sent = Object.values(events).map((event, index) => ({
    ...event,
    occurredAt: new Date(clock.now - 60_000 + index * 1_000).toISOString(),
  }));
  const { items } = await server.deps.record.write(server.workspaceId, sent);
  const ids = Object.fromEntries(Object.keys(events).map((name, index) => [name, items[index]?.id ?? ""]));
  const mint = async (wanted: object): Promise<string> => {
    const payload = { minutes: 30, ...wanted };
    const reply = await server.app.inject({ method: "POST", url: "/api/v1/viewer-tokens", headers: panel, payload });
    if (reply.statusCode !== 201) throw new Error(reply.body);
    return reply.json<{ token: string }>().token;
  };
  const dana = await mint({ scope: { ownerId: "77" } });
  const get = async (path: string, token = dana): Promise<Answer> => {
    const reply = await server.app.inject({ url: `/api/v1/viewer${path}`, headers: bearer(token) });
    return { status: reply.statusCode, text: reply.body, body: reply.json() };
  };
  const search = async (q: string, token = dana): Promise<ViewerEvent[]> => {
    const { status, body, text } = await get(`/events?q=${encodeURIComponent(q)}`, token);
    if (status !== 200) throw new Error(text);
    return body.items;
  };
  return { server, clock, panel, dana, ids, mint, get, search };
}

/** The headers of a request with a token. */
export const bearer = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` });
