import type { Fault, Step } from "./classify.ts";
import { readReply } from "./smtp-reply.ts";

/** What the server said, as an error of nodemailer has it; empty if it said nothing. */
export const responseOf = (error: Error): string => String((error as { response?: unknown }).response ?? "");

const stepOf: Record<string, Step> = { "MAIL FROM": "sender", "RCPT TO": "recipient", STARTTLS: "tls" };

/** What nodemailer or Node says went wrong, as a fault at the step that the conversation had come to, unless the error knows better. */
export function faultOf(error: Error, reached: Step): Fault {
  const known = error as Error & {
    code?: string;
    originalCode?: string;
    command?: string;
    timeoutType?: string;
    errors?: Error[];
  };
  const first = (known.errors?.[0] as { code?: string } | undefined)?.code;
  let errno = known.originalCode ?? first ?? known.code;
  let step: Step = reached;
  const reply = readReply(responseOf(error));
  const isTls =
    known.code === "ETLS" || known.timeoutType === "UPGRADE_TIMEOUT" || /CERT|SSL|TLS|SELF_SIGNED/.test(errno ?? "");
  // An encrypted connection that breaks while the message is on it says nothing of whether the server can be used.
  if (isTls && reached !== "message") step = "tls";
  else if (stepOf[known.command ?? ""] !== undefined) step = stepOf[known.command ?? ""] as Step;
  else if (known.command === "DATA") step = known.code === "EENVELOPE" ? "data" : "message";
  // nodemailer looks at these itself, before it says anything.
  if (reply === undefined && known.code === "EMESSAGE") errno = "ETOOLARGE";
  if (reply === undefined && known.code === "EENVELOPE") errno = "EADDRESS";
  const message = known.message || first || "The connection failed without a word.";
  return { step, reply, message, ...(errno === undefined ? {} : { errno }) };
}
