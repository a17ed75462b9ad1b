import type { MailClass } from "@daybook/contract";
import { enhancedOf, type SmtpReply } from "./smtp-reply.ts";

/** How far a conversation came. Up to `login` it was about the mail server, from `sender` on about the mail. */
export type Step = "dns" | "connect" | "tls" | "greeting" | "login" | "sender" | "recipient" | "data" | "message";

/** Why a conversation came to nothing. */
export interface Fault {
  step: Step;
  /** What the server said, if it was that. */
  reply?: SmtpReply | undefined;
  /** Of Node, e.g. ECONNREFUSED or CERT_HAS_EXPIRED. */
  errno?: string | undefined;
  /** What the error says, where no server said anything. */
  message: string;
}

export interface Verdict {
  class: MailClass;
  /** The mail is not tried again by anybody. */
  final: boolean;
  /** It is about the mail server: the next one may be tried at once, and this one rests. */
  elsewhere: boolean;
  /** The address takes no mail: nothing is sent there any more. */
  bounced: boolean;
}

/** What servers mean, by what they say. The first that fits counts. */
interface Rule {
  class: MailClass;
  steps?: readonly Step[];
  /** RFC 3463. */
  enhanced?: RegExp;
  text?: RegExp;
  codes?: readonly number[];
}

const aboutMail: readonly Step[] = ["sender", "recipient", "data", "message"];

/** Nobody has the address: in the words of servers that give no enhanced code. */
const noSuchMailbox =
  /(user|recipient|mailbox|account|address|alias)\b.{0,40}(unknown|not (exist|found|available|listed|local)|does(n't| not) (exist|have)|unavailable|disabled|invalid|inactive)|no such (user|recipient|mailbox|person)|(unknown|invalid|unrouteable|undeliverable|non-?existent) (user|recipient|address|mailbox|local part)|no mailbox here|not our customer/i;

/**
 * In this order: what a text says is more exact than its numbers, which many servers use for anything. Phrases are those of Gmail, Outlook,
 * Yahoo, iCloud, Postfix, Exim, Sendmail, qmail, Amazon SES.
 */
const rules: readonly Rule[] = [
  { class: "tls", steps: ["tls"] },
  { class: "tls", text: /must issue (a )?starttls|encryption (is )?required|tls (is )?required/i },
  { class: "login_refused", codes: [530, 534, 535, 538, 432, 454], steps: ["greeting", "login", "sender"] },
  {
    class: "login_refused",
    text: /auth(entication|orization)? (is )?required|not (allowed|authori[sz]ed) to send|log ?in first/i,
  },
  // Nobody's mailbox: this server does not send for us.
  {
    class: "login_refused",
    text: /relay(ing)? (access )?(denied|not (permitted|allowed))|not permitted to relay|unable to relay|allowed rcpthosts/i,
  },
  { class: "greylisted", text: /gr[ea]y-?list|postgrey|please (try|retry) (again )?(in|after) \d+ (second|minute)/i },
  { class: "mailbox_full", enhanced: /^[45]\.2\.2$/ },
  {
    class: "mailbox_full",
    text: /over ?quota|quota (exceeded|full)|(mailbox|inbox) (is )?(full|over)|out of storage|insufficient storage/i,
  },
  {
    class: "rate_limited",
    text: /rate ?limit|too (many|much) (mail|messages|connections|recipients|concurrent)|too quickly|throttl|slow down|unusual(ly high)? rate|receiving mail (at a rate|too)|unexpected volume|maximum (sending|send) rate|daily (user )?sending (quota|limit)|limit on the number of|max(imum)? e?mails per|concurrency limit|\[TSS0\d\]/i,
  },
  { class: "rate_limited", enhanced: /^4\.(2\.1|4\.5|3\.2|7\.28)$/ },
  { class: "too_large", enhanced: /^5\.(3\.4|2\.3)$/ },
  { class: "too_large", text: /(message|mail|size).{0,30}(too (large|big)|exceeds?)|exceeds? .{0,40}(size|maximum)/i },
  { class: "spam_refused", steps: aboutMail, enhanced: /^5\.7\.(2[0-9]|9|60[0-9])$/ },
  {
    class: "spam_refused",
    text: /spam|block ?list|black ?list|spamhaus|spamcop|barracuda|\brbl\b|\bdnsbl\b|reputation|unsolicited|blocked|banned|junk|virus|malware|prohibited|poor score|policy (reasons|violation)|content (rejected|denied)|dmarc|\bspf\b|\bdkim\b|unauthenticated|cannot find your (reverse )?hostname|reverse dns|\bPTR\b|5\.7\.26|AUP#|\bS3\d{3}\b/i,
  },
  { class: "sender_refused", enhanced: /^[45]\.1\.[78]$/ },
  { class: "sender_refused", steps: ["sender"], codes: [501, 550, 551, 553, 554, 450, 451] },
  {
    class: "sender_refused",
    text: /sender (address )?(rejected|denied|verify fail)|not owned by user|send ?as|email address is not verified/i,
  },
  { class: "recipient_refused", enhanced: /^5\.1\.([1236]|10)$|^5\.2\.1$/ },
  {
    class: "recipient_refused",
    steps: ["recipient", "message"],
    text: noSuchMailbox,
  },
  { class: "recipient_refused", steps: ["recipient"], codes: [550, 551, 553] },
];

/** Errors of Node when a certificate or a handshake does not do. */
const tlsErrno = /CERT|SSL|TLS|EPROTO|SIGNATURE|SELF_SIGNED|DEPTH_ZERO/;

/** What a fault means, and what follows from it. Pure. */
export function classify(fault: Fault): Verdict {
  const { reply } = fault;
  if (reply === undefined) return ofNetwork(fault);
  const found = rules.find((rule) => fits(rule, fault, reply));
  const passing = reply.code < 500;
  const aboutServer = !aboutMail.includes(fault.step);
  const class_: MailClass =
    found?.class ?? (fault.step === "login" ? "login_refused" : passing ? "refused_for_now" : "refused");
  const elsewhere = aboutServer || class_ === "login_refused" || class_ === "tls";
  // 5xx of a greeting or a login is about the server or its settings, which somebody mends: the mail waits.
  const final = !passing && !elsewhere;
  return {
    class: class_,
    final,
    elsewhere,
    bounced: final && class_ === "recipient_refused" && isNoMailbox(fault, reply),
  };
}

/** No answer: the network, the name, the handshake, or the clock. */
function ofNetwork({ step, errno = "", message }: Fault): Verdict {
  const waits = (class_: MailClass): Verdict => ({
    class: class_,
    final: false,
    elsewhere: !aboutMail.includes(step),
    bounced: false,
  });
  if (step === "dns") return waits("dns");
  // Nothing was asked of the server: there is no password, or no login.
  if (step === "login" && errno === "") return waits("login_refused");
  if (step === "tls" || tlsErrno.test(errno)) return waits(errno === "ETIMEDOUT" ? "timeout" : "tls");
  if (errno === "ETOOLARGE") return { class: "too_large", final: true, elsewhere: false, bounced: false };
  if (errno === "EADDRESS") return { class: "recipient_refused", final: true, elsewhere: false, bounced: false };
  if (errno === "ETIMEDOUT" || /time(d)? ?out/i.test(message)) return waits("timeout");
  if (step === "connect") return waits("connect");
  return waits("cut");
}

function fits(rule: Rule, fault: Fault, { code, text }: SmtpReply): boolean {
  if (rule.steps !== undefined && !rule.steps.includes(fault.step)) return false;
  if (rule.codes !== undefined && !rule.codes.includes(code)) return false;
  if (rule.text !== undefined && !rule.text.test(text)) return false;
  return rule.enhanced === undefined || rule.enhanced.test(enhancedOf(text) ?? "");
}

/** Refused for good as an address that is not there: by its enhanced code, else by the words at RCPT TO. */
function isNoMailbox({ step }: Fault, { text }: SmtpReply): boolean {
  const enhanced = enhancedOf(text);
  if (enhanced !== undefined) return /^5\.1\.([1236]|10)$|^5\.2\.1$/.test(enhanced);
  return step === "recipient" && noSuchMailbox.test(text);
}
