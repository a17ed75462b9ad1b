import type { MailClass } from "@daybook/contract";
import type { Chance } from "../chance.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../rhythm.ts";
import type { MailCause, MailPlot, PlotAttempt } from "./mail-plot.ts";

/** How the mail server of a recipient behaves. */
type Manner = "well" | "unknown" | "full" | "greylists" | "spam" | "busy" | "complains";

interface Server {
  name: string;
  host: string;
}

const primary: Server = { name: "primary", host: "smtp.heronfield.example" };
const fallback: Server = { name: "fallback", host: "relay.mailferry.example" };
const provider = "postmark";

/** When the next attempts come, as the delivery itself waits. */
const WAITS = [1, 2, 5, 15, 30, 60].map((minutes) => minutes * MINUTE);
const KEPT_MS = 24 * HOUR;

export interface FateWorld {
  chance: Chance;
  untilMs: number;
  /** While the first mail server cannot be reached. */
  outage: { fromMs: number; toMs: number };
  /** Addresses that get nothing any more. */
  suppressed: Map<
    string,
    { reason: "hard_bounce" | "complaint" | "manual"; at: number; messageId?: string; note?: string }
  >;
  /** Domains and addresses to which a mail got through lately: greylisting lets them pass. */
  known: Map<string, number>;
}

/** What becomes of a mail: the attempts, the steps and the state at the end of the story. */
export function fateOf(cause: MailCause, world: FateWorld): MailPlot {
  const { chance } = world;
  const base: MailPlot = {
    id: chance.uuid(cause.at),
    at: cause.at,
    delivery: cause.reported === undefined ? "daybook" : "external",
    template: cause.template,
    data: cause.data,
    to: cause.to,
    ...(cause.user === undefined ? {} : { user: cause.user }),
    targets: cause.targets,
    status: "queued",
    attempts: [],
    happenings: [],
  };
  if (cause.reported !== undefined) return reported(base, cause.reported);
  base.happenings.push({ happening: "queued", at: cause.at });
  if (world.suppressed.has(base.to.address)) return suppressed(base);
  return deliver(base, mannerOf(base.to.address, chance), world);
}

/** Always the same for one address: its manner is drawn from the address. */
function mannerOf(address: string, chance: Chance): Manner {
  const own = chance.branch(address);
  const domain = address.slice(address.indexOf("@") + 1);
  if (domain === "mossbank.example" || domain === "fjordpixel.example") return "greylists";
  if (domain === "tidepool-games.example" && own.is(0.5)) return "spam";
  if (domain === "pinecrate.example" && own.is(0.3)) return "full";
  return own.weighted<Manner>([
    ["well", 90],
    ["unknown", 2],
    ["full", 1],
    ["busy", 4],
    ["complains", 1.5],
  ]);
}

function reported(plot: MailPlot, { eventId, bounced }: NonNullable<MailCause["reported"]>): MailPlot {
  if (bounced === undefined)
    return { ...plot, status: "sent", happenings: [{ happening: "sent", at: plot.at, eventId }] };
  const fault = { class: "recipient_refused", answer: bounced } as const;
  return {
    ...plot,
    status: "bounced",
    ...fault,
    happenings: [{ happening: "bounced", at: plot.at, eventId, ...fault }],
  };
}

function suppressed(plot: MailPlot): MailPlot {
  const happening = { happening: "suppressed", at: plot.at, class: "suppressed" } as const;
  return { ...plot, status: "suppressed", class: "suppressed", happenings: [happening] };
}

/** Attempt after attempt until it is through, refused for good, or its time is over. */
function deliver(plot: MailPlot, manner: Manner, world: FateWorld): MailPlot {
  let at = plot.at + world.chance.whole(15, 90);
  for (let round = 0; ; round++) {
    const refusal = refusalOf(plot, manner, round, at, world);
    if (refusal === undefined) return through(plot, manner, at, world);
    const attempt = attemptOf(primary, at, refusal, world.chance);
    plot.attempts.push(attempt);
    const said = { class: refusal.class, answer: refusal.line };
    if (refusal.outcome === "refused") return refused(plot, attempt.endedAt, said, world);
    const next = attempt.endedAt + (WAITS[Math.min(round, WAITS.length - 1)] ?? HOUR);
    plot.happenings.push({ happening: "deferred", at: attempt.endedAt, ...said });
    if (next > plot.at + KEPT_MS) {
      plot.happenings.push({ happening: "failed", at: attempt.endedAt + 1, class: "expired", answer: refusal.line });
      return { ...plot, status: "failed", class: "expired", answer: refusal.line };
    }
    if (next >= world.untilMs) return { ...plot, ...said, nextTryAt: next };
    at = next;
  }
}

type Refusal = Pick<PlotAttempt, "outcome" | "code" | "enhanced" | "line"> & { class: MailClass };

/** What the recipient's mail server has against it in this round. */
function refusalOf(plot: MailPlot, manner: Manner, round: number, at: number, world: FateWorld): Refusal | undefined {
  const { address } = plot.to;
  const refuse = (
    outcome: Refusal["outcome"],
    name: MailClass,
    code: number,
    enhanced: string,
    words: string,
  ): Refusal => ({ outcome, class: name, code, enhanced, line: `${code} ${enhanced} ${words}` });
  if (manner === "unknown") return refuse("refused", "recipient_refused", 550, "5.1.1", `<${address}>: user unknown`);
  if (manner === "spam" && plot.template !== "password-changed")
    return refuse("refused", "spam_refused", 554, "5.7.1", "Message rejected for policy reasons");
  if (manner === "full" && Math.floor(at / (10 * DAY)) % 2 === 0)
    return refuse("refused_for_now", "mailbox_full", 452, "4.2.2", "The mailbox is over its quota");
  if (manner === "greylists" && round === 0 && at - (world.known.get(address) ?? 0) > 4 * DAY)
    return refuse("refused_for_now", "greylisted", 451, "4.7.1", "Greylisted, please try again in 60 seconds");
  if (manner === "busy" && round === 0 && world.chance.is(0.15))
    return refuse("refused_for_now", "rate_limited", 421, "4.7.0", "Too many messages from your network, slow down");
  return undefined;
}

function refused(plot: MailPlot, at: number, said: { class: MailClass; answer: string }, world: FateWorld): MailPlot {
  const isUnknown = said.class === "recipient_refused";
  const status = isUnknown ? ("bounced" as const) : ("failed" as const);
  plot.happenings.push({ happening: status, at, ...said });
  if (isUnknown) world.suppressed.set(plot.to.address, { reason: "hard_bounce", at, messageId: plot.id });
  return { ...plot, status, ...said };
}

/** It gets through: perhaps by the second mail server, seldom after a connection that broke off at the worst moment. */
function through(plot: MailPlot, manner: Manner, startedAt: number, world: FateWorld): MailPlot {
  const { chance, outage } = world;
  let at = startedAt;
  let server = primary;
  if (at >= outage.fromMs && at < outage.toMs) {
    const line = `connect ETIMEDOUT ${primary.host}:587`;
    plot.attempts.push(attemptOf(primary, at, { outcome: "failed", class: "connect", line }, chance));
    at = (plot.attempts.at(-1)?.endedAt ?? at) + 5;
    server = fallback;
  } else if (chance.is(0.0012)) {
    const line = "The connection ended before the server answered";
    plot.attempts.push(attemptOf(primary, at, { outcome: "maybe_sent", class: "cut", line }, chance));
    at = (plot.attempts.at(-1)?.endedAt ?? at) + MINUTE;
    plot.maybeSent = true;
  }
  const line = `250 2.0.0 Ok: queued as ${chance.hex(10).toUpperCase()}`;
  const attempt = attemptOf(server, at, { outcome: "sent", code: 250, enhanced: "2.0.0", line }, chance);
  plot.attempts.push(attempt);
  plot.happenings.push({ happening: "sent", at: attempt.endedAt, answer: line });
  world.known.set(plot.to.address, attempt.endedAt);
  const sent: MailPlot = { ...plot, status: "sent", answer: line };
  return told(sent, manner, attempt.endedAt, world);
}

/** What the provider says later. */
function told(plot: MailPlot, manner: Manner, sentAt: number, { chance, untilMs, suppressed }: FateWorld): MailPlot {
  const deliveredAt = sentAt + chance.whole(2, 40) * SECOND;
  if (!chance.is(0.85) || deliveredAt >= untilMs) return plot;
  plot.happenings.push({ happening: "delivered", at: deliveredAt });
  const delivered: MailPlot = { ...plot, status: "delivered", provider };
  const complainedAt = deliveredAt + chance.whole(20, 300) * MINUTE;
  if (manner !== "complains" || plot.template === "welcome" || complainedAt >= untilMs) return delivered;
  delivered.happenings.push({ happening: "complained", at: complainedAt, class: "complaint" });
  suppressed.set(plot.to.address, { reason: "complaint", at: complainedAt, messageId: plot.id });
  return { ...delivered, status: "complained", class: "complaint" };
}

function attemptOf(
  server: Server,
  startedAt: number,
  said: Pick<PlotAttempt, "outcome" | "class" | "code" | "enhanced" | "line">,
  chance: Chance,
): PlotAttempt {
  const tookMs = said.class === "connect" ? 10 * SECOND : chance.whole(120, 900);
  return { transport: server.name, host: server.host, startedAt, endedAt: startedAt + tookMs, ...said };
}
