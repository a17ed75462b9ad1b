import type { MailAttempt } from "@daybook/contract";
import type { Db } from "../../db/pool.ts";
import { RetryLater } from "../../tasks/define-task.ts";
import { mailPriorityNumber } from "../mail-row.ts";
import { forProvider } from "../providers/provider-headers.ts";
import type { TransportRule } from "../transports/transport-book.ts";
import { type AttemptBook, endAttempt, type SentAttempt } from "./attempt-store.ts";
import { classify, type Fault, type Verdict } from "./classify.ts";
import { signMail } from "./dkim.ts";
import type { Setback } from "./settle.ts";
import type { SmtpPool } from "./smtp-pool.ts";
import { enhancedOf, lineOf, queueIdOf } from "./smtp-reply.ts";
import { type SentReply, SmtpFault, type SmtpSession } from "./smtp-session.ts";
import type { WaitingMail } from "./waiting-mail.ts";

/** What came of trying one mail on one mail server. */
export type Conversation =
  | { sent: true; attempted: true; transport: string }
  | { sent: false; attempted: boolean; transport: string; verdict: Verdict; setback: Setback };

export interface ConversationParts {
  db: Db;
  clock: () => number;
  attempts: AttemptBook;
  pool: SmtpPool;
  /** Aborted when the mail is somebody else's by now. */
  signal: AbortSignal;
}

export const HIGH = mailPriorityNumber("high");

/** A server asks at once if it took less the last time. */
const QUICK_MS = 50;

/** How often it is tried to note that a mail was sent while the database is away. */
const AGAIN_MS = 500;

/** Another worker has the mail: what it makes of it is seen by then. */
class GivenUp extends RetryLater {
  constructor() {
    super(5_000, "Another worker has this mail.");
  }
}

/**
 * Tries one mail on one mail server.
 *  1. Note the attempt, before anything is said; or come again later, when too many wait for the server.
 *  2. Speak to the server. When it asks for the message, note that it goes out, and only then let it. While other mails wait, and
 *     the server asks at once, the note is begun with the conversation: it takes as long as that.
 *  3. Note the end: sent at once, a fault by whoever decides what follows (or here, when the next server is tried).
 */
export async function speak(
  parts: ConversationParts,
  mail: WaitingMail,
  rule: TransportRule,
  mime: Buffer,
): Promise<Conversation> {
  const { attempts, pool } = parts;
  const attempt = { workspaceId: mail.workspace_id, id: mail.id, n: (mail.last_n ?? 0) + 1 };
  const named = { ...attempt, transport: rule.name, host: `${rule.host}:${rule.port}` };
  let attempted = false;
  const begin = async () => {
    if (!(await attempts.begin(named))) throw new GivenUp();
    attempted = true;
    mail.last_n = attempt.n;
  };
  let noted: Promise<boolean> | undefined;
  // Once: a connection that turns out to be closed is followed by another.
  const note = () => {
    noted ??= attempts.wire(attempt);
    return noted;
  };
  const send = (session: SmtpSession, message: Buffer) => {
    if (pool.crowded && session.askedAfterMs < QUICK_MS) note().catch(() => {});
    const wire = async () => {
      if (parts.signal.aborted || !(await note())) throw new GivenUp();
    };
    return session.send(mail.from_address, mail.to_address, message, wire, parts.signal);
  };
  const { resting } = pool;
  if (resting !== undefined) return came(parts, { mail, rule, attempt: undefined }, resting);
  let reply: SentReply;
  // While it waits for a connection: none stands idle for the database's sake.
  const urgent = mail.priority === HIGH;
  const leave = pool.enter(urgent);
  const begun = begin();
  // It may fail before anybody looks: that is for whoever gets the connection to see.
  begun.catch(() => {});
  try {
    const whole = forProvider(mime, rule.host, mail.id);
    const signed = rule.dkim === undefined ? whole : await signMail(whole, rule.dkim);
    reply = await pool.use({
      ...{ urgent, signal: parts.signal, before: () => begun },
      work: (session) => send(session, signed),
    });
  } catch (error) {
    await begun.catch(() => {});
    if (!(error instanceof SmtpFault)) {
      if (attempted) await endAttempt(parts.db, attempt, parts.clock(), ownFault(error)).catch(() => {});
      throw error;
    }
    return came(parts, { mail, rule, attempt: attempted ? attempt : undefined }, error);
  } finally {
    leave();
  }
  await noteSent(parts, { ...named, ...takenOf(reply) });
  return { sent: true, attempted: true, transport: rule.name };
}

async function came(
  parts: ConversationParts,
  { mail, rule, attempt }: { mail: WaitingMail; rule: TransportRule; attempt: { n: number } | undefined },
  { fault, maybeSent }: SmtpFault,
): Promise<Conversation> {
  const found = classify(fault);
  // It may have arrived: it goes to no other server, and nothing is known of the address.
  const verdict = maybeSent ? { ...found, elsewhere: false, final: false, bounced: false } : found;
  const answer = answerOf(fault);
  const code = fault.reply?.code;
  const end = {
    outcome: maybeSent ? ("maybe_sent" as const) : outcomeOf(code, verdict),
    ...{ class: verdict.class, code, enhanced: fault.reply && enhancedOf(fault.reply.text), line: answer },
  };
  const setback = { class: verdict.class, answer, transport: rule.name, maybeSent };
  // The next server is tried: this attempt ends here and now.
  if (attempt !== undefined && verdict.elsewhere)
    await endAttempt(parts.db, { workspaceId: mail.workspace_id, id: mail.id, n: attempt.n }, parts.clock(), end);
  return {
    ...{ sent: false, attempted: attempt !== undefined, transport: rule.name, verdict },
    setback: {
      ...setback,
      ...(attempt === undefined || verdict.elsewhere ? {} : { attempt: { n: attempt.n, ...end } }),
    },
  };
}

function outcomeOf(code: number | undefined, verdict: Verdict): MailAttempt["outcome"] {
  if (code === undefined || (code >= 500 && !verdict.final)) return "failed";
  return code < 500 ? "refused_for_now" : "refused";
}

/** What the server said, else what happened. */
export function answerOf({ reply, message }: Fault): string {
  return reply === undefined ? message : lineOf(reply);
}

function ownFault(error: unknown) {
  return { outcome: "failed" as const, class: null, line: (error as Error).message };
}

function takenOf({
  reply,
  serverMessageId,
}: SentReply): Omit<SentAttempt, "workspaceId" | "id" | "n" | "transport" | "host"> {
  const { code, text } = reply;
  const providerId = serverMessageId?.replace(/^<|@.*$|>$/g, "");
  return { code, enhanced: enhancedOf(text), line: lineOf(reply), queueId: queueIdOf(text), providerId };
}

/** The mail is out: that is noted as soon as the database is there, lest it be sent twice. Ends when somebody else has taken the mail over. */
async function noteSent({ attempts, signal }: ConversationParts, sent: SentAttempt): Promise<void> {
  for (;;) {
    try {
      await attempts.sent(sent);
      return;
    } catch (error) {
      if (signal.aborted) throw error;
      await new Promise((next) => setTimeout(next, AGAIN_MS));
    }
  }
}
