import {
  AppError,
  type MailOrder,
  type MailParty,
  mailLimits,
  newMailSchema,
  type WorkspaceSettings,
} from "@daybook/contract";
import type { MimeAttachment } from "./mime.ts";

const DAY_MS = 24 * 3_600_000;

/** An order as the contract has it, whoever made it. Throws `invalid_request` that names every fault. */
export function readOrder(given: unknown): MailOrder {
  const read = newMailSchema.safeParse(given);
  if (read.success) return read.data;
  const errors = read.error.issues.map((issue) => ({
    pointer: `/${issue.path.join("/")}`,
    code: issue.code ?? "invalid",
    message: issue.message,
  }));
  throw new AppError("invalid_request", `${errors[0]?.pointer}: ${errors[0]?.message}`, { errors });
}

/** What the schema cannot say: sizes as a whole, and how far ahead. Throws `invalid_request`, `body_too_large`. */
export function checkOrder(order: MailOrder, nowMs: number): void {
  const dataBytes = order.data === undefined ? 0 : Buffer.byteLength(JSON.stringify(order.data));
  if (dataBytes > mailLimits.dataBytesMax)
    refuse("body_too_large", "/data", `has ${dataBytes} bytes; at most ${mailLimits.dataBytesMax} (dataBytesMax)`);
  const attached = (order.attachments ?? []).reduce(
    (sum, { content }) => sum + Buffer.byteLength(content, "base64"),
    0,
  );
  if (attached > mailLimits.attachmentsBytesMax)
    refuse(
      "body_too_large",
      "/attachments",
      `have ${attached} bytes; at most ${mailLimits.attachmentsBytesMax} all together (attachmentsBytesMax)`,
    );
  const aheadMs = order.sendAt === undefined ? 0 : Date.parse(order.sendAt) - nowMs;
  if (aheadMs > mailLimits.sendAheadDaysMax * DAY_MS)
    refuse("invalid_request", "/sendAt", `is more than ${mailLimits.sendAheadDaysMax} days ahead`);
}

function refuse(code: "invalid_request" | "body_too_large", pointer: string, message: string): never {
  throw new AppError(code, `${pointer}: ${message}.`, { errors: [{ pointer, code: "out_of_range", message }] });
}

/** Who a mail comes from: as it says itself, else as the workspace is set. Throws `sender_missing`. */
export function senderOf(order: Pick<MailOrder, "from">, settings: WorkspaceSettings): MailParty {
  if (order.from !== undefined) return order.from;
  const { mailFrom, mailFromName, brandName } = settings;
  if (mailFrom === null)
    throw new AppError(
      "sender_missing",
      "The workspace has no sender's address: set mailFrom (Settings → Mail), or name `from` in the message.",
    );
  const name = mailFromName ?? brandName;
  return { address: mailFrom, ...(name === null ? {} : { name }) };
}

/** Where answers go; the workspace's address only for mails of its own sender. */
export function replyToOf(
  order: Pick<MailOrder, "from" | "replyTo">,
  settings: WorkspaceSettings,
): MailParty | undefined {
  if (order.replyTo !== undefined) return order.replyTo;
  if (order.from !== undefined || settings.mailReplyTo === null) return undefined;
  return { address: settings.mailReplyTo };
}

/** Attachments with their bytes. */
export function attachmentsOf(given: MailOrder["attachments"] = []): MimeAttachment[] {
  return given.map(({ content, ...rest }) => ({ ...rest, content: Buffer.from(content, "base64") }));
}
