import type { TransportTestResult } from "@daybook/contract";
import { newId } from "../../record/event-id.ts";
import { buildMime } from "../mime.ts";
import { classify } from "../wire/classify.ts";
import { answerOf } from "../wire/conversation.ts";
import { signMail } from "../wire/dkim.ts";
import { lineOf } from "../wire/smtp-reply.ts";
import { openSession, SmtpFault, type SmtpPatience } from "../wire/smtp-session.ts";
import { explain } from "./explain.ts";
import type { TransportRule } from "./transport-book.ts";

/** Somebody looks at a screen meanwhile. */
const testPatience: SmtpPatience = { connectMs: 15_000, answerMs: 20_000, finalMs: 60_000 };
/** Of a long conversation the end matters. */
const LINES_MAX = 300;

export interface TestMessage {
  from: { address: string; name?: string | undefined };
  to: string;
  /** The name of the workspace. */
  workspace: string;
  atMs: number;
}

/** Sends a real mail by a mail server and tells how it went, word for word. Passwords are left out. Never throws for what a server does. */
export async function testTransport(
  rule: TransportRule,
  message: TestMessage,
  patience: SmtpPatience = testPatience,
): Promise<TransportTestResult> {
  const started = performance.now();
  const ms = () => Math.round(performance.now() - started);
  const conversation: TransportTestResult["conversation"] = [];
  const watch = (from: "client" | "server" | "note", text: string) => {
    for (const line of text.split(/\r?\n/))
      if (conversation.length < LINES_MAX) conversation.push({ from, text: line, ms: ms() });
  };
  try {
    const mime = await mimeOf(rule, message);
    const session = await openSession(rule, { patience, watch });
    if (rule.security !== "none") watch("note", "The connection is encrypted");
    try {
      const { reply } = await session.send(message.from.address, message.to, mime, async () =>
        watch("note", `The message follows, ${mime.length} bytes`),
      );
      const what = `The mail server took the mail for ${message.to}. Look whether it arrives, and not among the spam.`;
      return { ok: true, what, code: reply.code, line: lineOf(reply), conversation, durationMs: ms() };
    } finally {
      session.quit();
    }
  } catch (error) {
    if (!(error instanceof SmtpFault)) throw error;
    const { fault } = error;
    const verdict = classify(fault);
    watch("note", answerOf(fault));
    return {
      ...{ ok: false, class: verdict.class, what: explain(rule, fault, verdict), line: answerOf(fault) },
      ...(fault.reply === undefined ? {} : { code: fault.reply.code }),
      ...{ conversation, durationMs: ms() },
    };
  }
}

async function mimeOf(rule: TransportRule, { from, to, workspace, atMs }: TestMessage): Promise<Buffer> {
  const mime = await buildMime({
    from: { address: from.address, ...(from.name === undefined ? {} : { name: from.name }) },
    to: { address: to },
    subject: `Test mail of ${workspace}`,
    text: `This mail shows that Daybook can send by the mail server ${rule.name} (${rule.host}).\r\n\r\nNothing has to be done.\r\n`,
    messageId: `${newId(atMs)}@${from.address.slice(from.address.lastIndexOf("@") + 1)}`,
    dateMs: atMs,
    headers: [["Auto-Submitted", "auto-generated"]],
    attachments: [],
  });
  return rule.dkim === undefined ? mime : signMail(mime, rule.dkim);
}
