import type { EventInput, Json, MailClass, MailHappening, MailStatus, Target } from "@daybook/contract";
import type { Chance } from "../chance.ts";
import { DAY, HOUR, SECOND } from "../rhythm.ts";

/** One conversation with a mail server. */
export interface PlotAttempt {
  transport: string;
  host: string;
  startedAt: number;
  endedAt: number;
  outcome: "sent" | "refused_for_now" | "refused" | "failed" | "maybe_sent";
  class?: MailClass;
  code?: number;
  enhanced?: string;
  line: string;
}

/** One step of a mail. */
export interface PlotHappening {
  happening: MailHappening;
  at: number;
  /** The event of the story that tells it; without, it is told like any other. */
  eventId?: string;
  class?: MailClass;
  answer?: string;
}

/** A mail of the demo with all that became of it. */
export interface MailPlot {
  id: string;
  at: number;
  delivery: "daybook" | "external";
  template: string;
  /** Beside the sample values of the template. */
  data: Record<string, Json>;
  to: { address: string; name: string };
  /** The customer; none for staff. */
  user?: { id: string; name: string };
  targets: Target[];
  status: MailStatus;
  attempts: PlotAttempt[];
  happenings: PlotHappening[];
  class?: MailClass;
  answer?: string;
  provider?: string;
  nextTryAt?: number;
  maybeSent?: true;
  resendOf?: string;
}

/** What one event of the story makes: a mail that is yet to be sent, or one that the panel's own mailer reports. */
export interface MailCause {
  at: number;
  template: string;
  data: Record<string, Json>;
  to: MailPlot["to"];
  user?: MailPlot["user"];
  targets: Target[];
  /** The panel sent it itself, and this event says so. */
  reported?: { eventId: string; bounced?: string };
}

type Reader = MailPlot["to"] & { id: string };
/** The mail of an action: its template and what it says; undefined: none. */
type Rule = (event: EventInput, readers: ReadonlyMap<string, Reader>) => Omit<MailCause, "at"> | undefined;

/** People who forget their password, all in all. */
const FORGOTTEN = 60;
/** Who of the staff reads what the machines say. */
const duty = { address: "farid@heronfield.example", name: "Farid Haddad" };

/** Servers that the stories name. */
const storyServer = /^srv-8\d{3}$/;

/** Templates of the panel's mailer by those of ours. */
const panelTemplates: Record<string, string> = {
  invoice: "invoice",
  "invoice-overdue": "renewal-reminder",
  "server-ready": "server-created",
  "server-suspended": "server-suspended",
  "server-expiring": "renewal-reminder",
  maintenance: "plain",
};

/** Which events of the story send a mail to whom. */
const rules: Record<string, Rule> = {
  "user.registered": toActor("welcome"),
  "auth.email.verified": toActor("verify-address"),
  "auth.password.changed": toActor("password-changed"),
  "auth.password.reset": toActor("password-reset"),
  "order.placed": toActor("purchase-confirmation", ({ details }) => ({ product: text(details, "product") })),
  "payment.completed": (event, readers) =>
    toActor(event.outcome === "failure" ? "payment-failed" : "payment-receipt", moneyOf)(event, readers),
  "server.deleted": toOwner("server-deleted"),
  "server.unsuspended": toOwner("server-unsuspended"),
  "server.backup.completed": (event, readers) =>
    event.outcome === "failure" ? toOwner("backup-failed")(event, readers) : undefined,
  "server.subuser.invited": (event) => {
    const address = text(event.details, "email");
    if (address === "") return undefined;
    return { template: "team-invitation", data: {}, to: { address, name: "" }, targets: event.targets ?? [] };
  },
  "ticket.replied": (event, readers) =>
    event.actor?.type === "staff" ? toOwner("ticket-reply")(event, readers) : undefined,
  "outage.opened": toDuty("alert"),
  "firewall.attack.detected": toDuty("alert"),
  "mail.sent": reported,
  "mail.bounced": reported,
};

/** The mails that the events of the story make, in their order. */
export function causesOf(events: readonly EventInput[]): MailCause[] {
  const readers = readersOf(events);
  const places = new Map<string, Set<string>>();
  return events.flatMap((event) => {
    // What is told of these servers is counted in the questions of the demo: nothing is added to it.
    if (event.targets?.some(({ id }) => storyServer.test(id ?? ""))) return [];
    const cause =
      event.action === "auth.login" ? newPlace(event, readers, places) : rules[event.action]?.(event, readers);
    if (cause === undefined) return [];
    const at = Date.parse(event.occurredAt ?? "") + (cause.reported === undefined ? SECOND : 0);
    return [{ at, ...cause }];
  });
}

/** A customer who signs in from a network for the first time, but for the very first. */
function newPlace(
  event: EventInput,
  readers: ReadonlyMap<string, Reader>,
  places: Map<string, Set<string>>,
): ReturnType<Rule> {
  const { actor, origin } = event;
  if (actor?.type !== "user" || actor.id === undefined || event.outcome === "failure" || !origin?.ip) return undefined;
  const network = origin.ip.split(/[.:]/).slice(0, 3).join(".");
  const known = places.get(actor.id);
  if (known?.has(network)) return undefined;
  places.set(actor.id, new Set([...(known ?? []), network]));
  if (known === undefined) return undefined;
  const login = { at: event.occurredAt ?? "", ip: origin.ip, place: "", browser: "", os: "" };
  return toActor("new-login-location", () => ({ login }))(event, readers);
}

/** Everybody who acts with an address. */
function readersOf(events: readonly EventInput[]): Map<string, Reader> {
  const readers = new Map<string, Reader>();
  for (const { actor } of events)
    if (actor?.type === "user" && actor.id !== undefined && actor.email !== undefined && !readers.has(actor.id))
      readers.set(actor.id, { id: actor.id, address: actor.email, name: actor.name ?? "" });
  return readers;
}

function toActor(template: string, dataOf: (event: EventInput) => Record<string, Json> = () => ({})): Rule {
  return (event, readers) => {
    const reader = readers.get(event.actor?.id ?? "");
    return reader && { template, data: dataOf(event), ...toReader(reader), targets: event.targets ?? [] };
  };
}

function toOwner(template: string): Rule {
  return (event, readers) => {
    const reader = readers.get(event.targets?.find((target) => target.ownerId !== undefined)?.ownerId ?? "");
    return reader && { template, data: {}, ...toReader(reader), targets: event.targets ?? [] };
  };
}

function toDuty(template: string): Rule {
  return (event) => ({ template, data: {}, to: duty, targets: event.targets ?? [] });
}

function reported(event: EventInput): ReturnType<Rule> {
  const [target] = event.targets ?? [];
  const address = text(event.details, "to");
  const template = panelTemplates[text(event.details, "template")];
  if (target?.id === undefined || template === undefined || address === "") return undefined;
  const name = target.name ?? "";
  const bounced = event.action === "mail.bounced" ? text(event.details, "answer") : undefined;
  return {
    template,
    data: {
      ...given("server", "name", text(event.details, "server")),
      ...given("invoice", "number", text(event.details, "invoice")),
    },
    to: { address, name },
    user: { id: target.id, name },
    targets: [],
    reported: { eventId: event.id ?? "", ...(bounced === undefined ? {} : { bounced }) },
  };
}

const given = (of: string, member: string, value: string): Record<string, Json> =>
  value === "" ? {} : { [of]: { [member]: value } };

const toReader = ({ id, address, name }: Reader): Pick<MailCause, "to" | "user"> => ({
  to: { address, name },
  user: { id, name },
});

function moneyOf({ details }: EventInput): Record<string, Json> {
  const amount = (details as { amount?: number } | undefined)?.amount;
  return amount === undefined ? {} : { amount: `€ ${amount.toFixed(2)}` };
}

function text(details: unknown, name: string): string {
  const value = (details as Record<string, unknown> | undefined)?.[name];
  return typeof value === "string" ? value : "";
}

/** Mails that no event of the story makes: forgotten passwords, the last of them a moment ago, and what staff read every Monday. */
export function furtherCauses(
  events: readonly EventInput[],
  { chance, fromMs, untilMs }: { chance: Chance; fromMs: number; untilMs: number },
): MailCause[] {
  const readers = [...readersOf(events).values()];
  const forgot = Array.from({ length: FORGOTTEN }, () => ({
    at: chance.whole(fromMs, untilMs - HOUR),
    reader: chance.pick(readers),
  }));
  const late = readers.filter(({ address }) => address.endsWith("@mossbank.example")).slice(-4);
  const all = [...forgot, ...late.map((reader, index) => ({ at: untilMs - (index + 1) * 20 * SECOND, reader }))];
  const mondays: MailCause[] = [];
  for (let at = Math.floor(fromMs / DAY) * DAY + 7 * HOUR; at < untilMs; at += DAY)
    if (at > fromMs && new Date(at).getUTCDay() === 1)
      mondays.push({
        at,
        template: "digest",
        data: {},
        to: { address: "dana@heronfield.example", name: "Dana Okafor" },
        targets: [],
      });
  return [
    ...all.map(({ at, reader }) => ({ at, template: "password-reset", data: {}, ...toReader(reader), targets: [] })),
    ...mondays,
  ];
}
