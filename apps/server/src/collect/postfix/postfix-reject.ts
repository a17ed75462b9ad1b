import { bare, ipOf } from "./postfix-line.ts";

/** A mail, or a client, that was not let in. */
export interface PostfixReject {
  kind: "reject";
  /** Undefined before there is one: NOQUEUE. */
  queueId?: string;
  /** CONNECT, HELO, MAIL, RCPT, DATA, END-OF-MESSAGE… */
  stage: string;
  /** `host[192.0.2.1]`, of postscreen `[192.0.2.1]:4711`. */
  client: string;
  ip?: string;
  /** SMTP reply code (RFC 5321, 4.2). */
  code?: number;
  /** Enhanced status code (RFC 3463). */
  dsn?: string;
  text: string;
  from?: string;
  to?: string;
  protocol?: string;
  helo?: string;
  sasl?: string;
}

const head = /^(NOQUEUE|[0-9A-Za-z]{5,}): (?:milter-)?reject: ([A-Z-]+)(?: command)? from (\S+?): (.*)$/s;
const address = String.raw`<(?:"(?:[^"\\]|\\.)*"|[^>"])*>`;
/**
 * What was given in the conversation stands at the end, and is written by whoever knocks: so it is read from the end, where a name in HELO
 * holds no spaces, and an address is within its brackets.
 */
const tail = new RegExp(
  String.raw`^(.*); (?:from=(${address}),? ?)?(?:to=(${address}),? ?)?(?:proto=(\w+),? ?)?(?:helo=<([^\s>]*)>)?(?:,? ?sasl_method=\S*)?(?:,? ?sasl_username=(\S+))?(?:: .*)?$`,
  "s",
);
const reply = /^(\d{3})(?:[ -](\d\.\d{1,3}\.\d{1,3}))? (.*)$/s;
/** Without a code: `5.7.1 Blocked by SpamAssassin`. */
const enhancedOnly = /^(\d\.\d{1,3}\.\d{1,3}) (.*)$/s;

/** Reads a line such as `NOQUEUE: reject: RCPT from …`; undefined for any other. Warnings (`reject_warning`) let the mail through. */
export function readReject(message: string): PostfixReject | undefined {
  const [, queueId, stage, client, rest] = head.exec(message) ?? [];
  if (queueId === undefined || stage === undefined || client === undefined || rest === undefined) return undefined;
  const [, said = rest, from, to, protocol, helo, sasl] = tail.exec(rest) ?? [];
  const [, code, dsn, text] = reply.exec(said) ?? [];
  const [, enhanced, short] = enhancedOnly.exec(said) ?? [];
  const ip = ipOf(client);
  return {
    ...{ kind: "reject", stage, client, text: text ?? short ?? said },
    ...(queueId === "NOQUEUE" ? {} : { queueId }),
    ...(ip === undefined ? {} : { ip }),
    ...(code === undefined ? {} : { code: Number(code) }),
    ...given("dsn", dsn ?? enhanced),
    ...given("from", from && bare(from)),
    ...given("to", to && bare(to)),
    ...given("protocol", protocol),
    ...given("helo", helo),
    ...given("sasl", sasl),
  };
}

function given<K extends string>(name: K, value: string | undefined): { [N in K]?: string } {
  return (value === undefined || value === "" ? {} : { [name]: value }) as { [N in K]?: string };
}

const reasons: readonly [RegExp, string][] = [
  [/greylist|graylist/i, "greylisted"],
  [/relay access denied/i, "relay_denied"],
  [/blocked using|listed (?:in|at|by)|spam/i, "blocked"],
  [/user unknown|recipient address rejected/i, "recipient_refused"],
  [/sender address rejected/i, "sender_refused"],
  [/client host rejected|helo command rejected/i, "client_refused"],
  [/too many connections|server ports busy|rate limit/i, "rate_limited"],
];

/** Why, as a code that can be searched for. */
export function rejectReason(text: string): string {
  return reasons.find(([words]) => words.test(text))?.[1] ?? "refused";
}
