import type { Finding } from "@daybook/contract";
import { howLong } from "../../schedules/state.ts";
import { count } from "./amounts.ts";
import type { Facts } from "./facts.ts";

/** Mails wait, and there is no mail server that could send them. */
export function mailNoTransport({ nowMs, mail: { withoutTransport } }: Facts): Finding[] {
  if (withoutTransport === undefined) return [];
  const { count: mails, oldestMs } = withoutTransport;
  return [
    {
      code: "mail_no_transport",
      severity: "critical",
      title: "No mail server is set up",
      found: `${count(mails, "mail")} ${mails === 1 ? "waits" : "wait"}, the oldest for ${howLong(nowMs - oldestMs)}, and there is no mail server to send ${mails === 1 ? "it" : "them"}.`,
      mend: "Set one up under Settings → Mail, or name one for the whole installation and start Daybook again. What waits goes out by itself within the hour; what has waited for more than 24 hours does not.",
      command: "DAYBOOK_SMTP_URL=smtp://user:password@mail.example.com:587 daybook start",
      screens: ["mail"],
      link: "/settings/mail",
    },
  ];
}
