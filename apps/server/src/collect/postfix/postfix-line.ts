import { type PostfixReject, readReject } from "./postfix-reject.ts";

/** How one attempt to deliver to one recipient went. */
export interface PostfixDelivery {
  kind: "delivery";
  queueId: string;
  to: string;
  /** The address that the mail came for, before aliases. */
  origTo?: string;
  /** `mx.acme.example[192.0.2.1]:25`, `local`, `dovecot`; undefined for none. */
  relay?: string;
  delaySeconds: number;
  /** Setting up the connection and transmission, seconds: how long this attempt took. */
  attemptSeconds: number;
  dsn?: string;
  status: string;
  response: string;
}

/** What a line says about a message in the queue, or about one that was not let in. Lines that say neither are undefined. */
export type PostfixLine =
  | PostfixDelivery
  | PostfixReject
  | { kind: "began"; queueId: string; client?: string; ip?: string; sasl?: string }
  | { kind: "messageId"; queueId: string; messageId: string }
  | { kind: "subject"; queueId: string; subject: string }
  | { kind: "sender"; queueId: string; from: string; size: number }
  | { kind: "notified"; queueId: string; noticeId: string }
  /** The queue gave up: the mail is too old, or somebody deleted it. */
  | { kind: "gaveUp"; queueId: string; from?: string; why: "expired" | "deleted" }
  | { kind: "removed"; queueId: string };

/** Short ids are hexadecimal (microseconds and inode); long ones are in an alphabet without vowels, so no word of a message is one. */
const queued = /^([0-9A-F]{5,}|[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10,}): (.*)$/s;
/** In angle brackets, a local part perhaps in quotation marks in which anything may stand; older versions leave the brackets out. */
const addressText = String.raw`<(?:"(?:[^"\\]|\\.)*"|[^>"])*>|[^,\s]*`;
const delivery = new RegExp(
  String.raw`^to=(${addressText}), (?:orig_to=(${addressText}), )?(?:relay=(.*?), )?(?:conn_use=\d+, )?delay=([\d.]+), (?:delays=([\d./]+), )?` +
    String.raw`(?:tls=[^,]*, )?(?:dsn=([\d.]+), )?status=([\w-]+)(?: \((.*)\))?$`,
  "s",
);
const client =
  /^client=([^,\s]+)(?:, orig_queue_id=\S+)?(?:, orig_client=[^,\s]+)?(?:, sasl_method=[^,]*)?(?:, sasl_username=([^,\s]+))?/;
const sender = new RegExp(String.raw`^from=(${addressText}), size=(\d+)`);
const gaveUp = new RegExp(`^from=(${addressText}), status=(?:force-)?expired`);
const subject = /^(?:warning|info|prepend|replace|filter): header Subject: (.*?) from \S+(?:\[[^\]]*\])?; from=/s;
const hostAndIp = /\[([0-9a-fA-F:.]+)\](?::\d+)?$/;

/** Reads the message of one line of Postfix; `program` is its name without the directory, e.g. `smtpd`. */
export function readPostfixLine(program: string, message: string): PostfixLine | undefined {
  const reject = readReject(message);
  if (reject !== undefined) return reject;
  const [, queueId = "", text = ""] = queued.exec(message) ?? [];
  if (queueId === "") return undefined;
  const delivered = text.startsWith("to=") ? delivery.exec(text) : null;
  if (delivered) return readDelivery(queueId, delivered);
  const [, host, sasl] = client.exec(text) ?? [];
  if (host !== undefined) {
    const ip = ipOf(host);
    return {
      ...{ kind: "began", queueId, client: host },
      ...(ip === undefined ? {} : { ip }),
      ...(sasl === undefined ? {} : { sasl }),
    };
  }
  if (program === "pickup" && text.startsWith("uid=")) return { kind: "began", queueId };
  return readHeader(queueId, text) ?? readQueue(program, queueId, text);
}

function readDelivery(queueId: string, match: RegExpExecArray): PostfixDelivery {
  const [, to = "", origTo, relay, delay, delays, dsn, status = "", response = ""] = match;
  const [, , connecting = 0, sending = 0] = (delays ?? "").split("/").map(Number);
  return {
    ...{ kind: "delivery", queueId, to: bare(to), delaySeconds: Number(delay), status, response },
    attemptSeconds: connecting + sending,
    ...(origTo === undefined ? {} : { origTo: bare(origTo) }),
    ...(relay === undefined || relay === "none" ? {} : { relay }),
    ...(dsn === undefined ? {} : { dsn }),
  };
}

function readHeader(queueId: string, text: string): PostfixLine | undefined {
  if (text.startsWith("message-id=")) {
    const messageId = bare(text.slice("message-id=".length).trim());
    return { kind: "messageId", queueId, messageId };
  }
  const named = subject.exec(text)?.[1];
  return named === undefined ? undefined : { kind: "subject", queueId, subject: named };
}

function readQueue(program: string, queueId: string, text: string): PostfixLine | undefined {
  const [, from, size] = sender.exec(text) ?? [];
  if (from !== undefined) return { kind: "sender", queueId, from: bare(from), size: Number(size) };
  const expired = gaveUp.exec(text)?.[1];
  if (expired !== undefined) return { kind: "gaveUp", queueId, from: bare(expired), why: "expired" };
  const noticeId = /^(?:sender|postmaster) (?:non-delivery|delay|delivery status) notification: (\w+)$/.exec(text)?.[1];
  if (noticeId !== undefined) return { kind: "notified", queueId, noticeId };
  if (text !== "removed") return undefined;
  return program === "postsuper" ? { kind: "gaveUp", queueId, why: "deleted" } : { kind: "removed", queueId };
}

/** The IP address of `host[192.0.2.1]`; undefined of `unknown[unknown]`. */
export function ipOf(client: string): string | undefined {
  return hostAndIp.exec(client)?.[1];
}

/** An address without its angle brackets. */
export function bare(address: string): string {
  return address.startsWith("<") && address.endsWith(">") ? address.slice(1, -1) : address;
}
