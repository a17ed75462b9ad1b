import { type Finding, type MailClass, mailClassTexts } from "@daybook/contract";
import { clock, howLong } from "../../schedules/state.ts";
import { count, quoted } from "./amounts.ts";
import type { Facts } from "./facts.ts";
import type { FailingTransport } from "./mail-facts.ts";

/** What to do for a class of fault. */
const mends: Partial<Record<MailClass, string>> = {
  dns: "See whether its name is spelt rightly, and whether this machine resolves names.",
  connect:
    "See whether it runs, and whether a firewall lets this machine reach its port: many providers close 25, 465 and 587.",
  tls: "See whether its certificate is valid for the name that is set, and whether the port speaks TLS at once (465) or STARTTLS (587).",
  login_refused:
    "See whether user name and password are still right: some providers want a password of its own for programs.",
  timeout: "It took the connection and then said nothing: see its own log and load.",
  cut: "It ended the connection in the middle: see its own log, and whether something between cuts long connections.",
  sender_refused: "It does not let this account send from this address: set another sender, or allow it there.",
};

/** A mail server has taken nothing since its last fault. */
export function mailTransportFailing({ nowMs, mail: { failing, anyUp } }: Facts): Finding[] {
  return failing.map((transport) => {
    const { name, class: fault, sentMs, waiting } = transport;
    const since =
      sentMs === undefined ? "Nothing has ever gone through it." : `The last mail went through at ${clock(sentMs)}.`;
    const line = transport.fault === "" ? "" : ` At the last try it said, or we saw: ${transport.fault}.`;
    const wait = waiting === 0 ? "" : ` ${count(waiting, "mail")} ${waiting === 1 ? "waits" : "wait"} for it.`;
    return {
      code: "mail_transport_failing" as const,
      about: name,
      severity: waiting > 0 && !anyUp ? ("critical" as const) : ("warning" as const),
      title: `The mail server ${name} fails`,
      found: `${mailClassTexts[fault]}, last ${howLong(nowMs - transport.faultMs)} ago.${line} ${since}${wait}`,
      mend: `${mends[fault] ?? "See what it said, and its own log."} Send test under Settings → Mail shows the whole conversation. Mails are tried again for 24 hours, and through the other mail servers meanwhile, if there are any.`,
      ...commandOf(transport),
      screens: ["mail" as const],
      link: "/settings/mail",
    };
  });
}

function commandOf({ name }: FailingTransport): Pick<Finding, "command"> {
  return {
    command: `curl -sS -X POST "$DAYBOOK_URL/api/v1/mail/transports/${encodeURIComponent(name)}/test-messages" -H "Authorization: Bearer $DAYBOOK_KEY" -H 'Content-Type: application/json' -d ${quoted("{}")}`,
  };
}
