import type { MailProvider } from "@daybook/contract";
import { mailgun } from "./mailgun.ts";
import { postmark } from "./postmark.ts";
import type { ProviderReader } from "./provider-report.ts";
import { resend } from "./resend.ts";
import { sendgrid } from "./sendgrid.ts";
import { ses } from "./ses.ts";

/** Every provider whose reports are understood. */
export const providerReaders: Readonly<Record<MailProvider, ProviderReader>> = {
  postmark,
  ses,
  mailgun,
  sendgrid,
  resend,
};
