import type { MailClass } from "@daybook/contract";
import { classify, type Step } from "../../mail/wire/classify.ts";
import { readReply, type SmtpReply } from "../../mail/wire/smtp-reply.ts";

/** What Postfix itself says of a server with which it did not get as far as an answer. */
const network: readonly [RegExp, MailClass][] = [
  [/host or domain name not found|name service error|no mx|mail for \S+ loops back/i, "dns"],
  [/timed out/i, "timeout"],
  [/connection refused|no route to host|network is unreachable|^connect to /i, "connect"],
  [/^lost connection|conversation with/i, "cut"],
  [/^(?:tls|cannot start tls|server certificate)/i, "tls"],
];

const steps: readonly [RegExp, Step][] = [
  [/in reply to MAIL FROM/, "sender"],
  [/in reply to RCPT TO/, "recipient"],
  [/in reply to DATA/, "data"],
  [/refused to talk to me/, "greeting"],
];

/** Why a delivery did not get through, from its enhanced code (RFC 3463) and what the server or Postfix said. */
export function deliveryClass(dsn: string | undefined, response: string): MailClass {
  const answer = serverAnswer(response);
  if (answer !== undefined) return classify({ step: stepOf(response), reply: answer, message: response }).class;
  const found = network.find(([words]) => words.test(response))?.[1];
  if (found !== undefined) return found;
  // A local delivery: Postfix speaks for the server.
  const reply: SmtpReply = { code: dsn?.startsWith("5") ? 550 : 450, text: `${dsn ?? ""} ${response}`.trim() };
  return classify({ step: "message", reply, message: response }).class;
}

/** The reply of the mail server that a response quotes: `host mx said: 550 5.1.1 …`, `250 2.0.0 Ok: queued as …`. */
export function serverAnswer(response: string): SmtpReply | undefined {
  return readReply(/(?: said: | to me: |^)([2-5]\d\d[ -].*)$/s.exec(response)?.[1] ?? "");
}

function stepOf(response: string): Step {
  return steps.find(([words]) => words.test(response))?.[1] ?? "message";
}
