import { type MailClass, mailClassTexts } from "@daybook/contract";
import type { Fault, Verdict } from "../wire/classify.ts";
import { answerOf } from "../wire/conversation.ts";
import type { TransportRule } from "./transport-book.ts";

/** What can be done about each fault, for who sets a mail server up. */
const advice: Record<MailClass, string> = {
  dns: "Check the host name for typing errors, and that this machine can ask for names.",
  connect:
    "Check host and port, that the mail server runs, and that no firewall lies between; many providers let port 25 out to nobody, and 587 or 465 to all.",
  tls: "Check the kind of encryption and the port: STARTTLS belongs to 587 and 25, TLS from the first byte to 465.",
  login_refused:
    "Check user name and password; some providers ask for an app password or for SMTP to be allowed in the account.",
  sender_refused:
    "Send from an address that this account may use: set the sender in Settings, or allow it at the provider.",
  recipient_refused: "The server works. Try an address that exists.",
  mailbox_full: "The server works. The mailbox has to be emptied, or try another address.",
  timeout:
    "Check host and port; a firewall that drops packets looks like this. If it comes and goes, the server is overloaded.",
  cut: "Try again. If it stays so, the server or a filter before it dislikes this machine: its own log says why.",
  greylisted: "Nothing has to be done: Daybook tries again in a minute or two, and the server takes it then.",
  rate_limited:
    "Set the mails a second of this mail server to what the provider allows; mails wait for their turn then.",
  spam_refused:
    "Check SPF, DKIM and DMARC of the sender's domain (below), the reverse name of the sending address, and whether it is on a block list.",
  too_large: "Send smaller mails, or raise the limit of the server.",
  refused_for_now: "Nothing has to be done: Daybook tries again. If it stays so, the server's own log says why.",
  refused: "What the server said says why; its own log says more.",
  expired: "",
  cancelled: "",
  template_broken: "",
  no_transport: "",
  suppressed: "",
  complaint: "",
};

/** More exact than the class: by what Node says of a certificate or a handshake. */
const tlsTexts: [RegExp, string][] = [
  [
    /DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(VERIFY|GET)/,
    "The server's certificate is self-signed or of an authority that this machine does not know. Give the server a certificate of a known authority, name yours in NODE_EXTRA_CA_CERTS, or accept any certificate (only on a network of your own).",
  ],
  [/CERT_HAS_EXPIRED/, "The server's certificate has expired. Renew it there."],
  [/CERT_NOT_YET_VALID/, "The server's certificate is not valid yet. Check the clocks of both machines."],
  [
    /ALTNAME_INVALID/,
    "The server's certificate is for another name than the host that is set. Enter the name that it is for, or have it issued for this one.",
  ],
  [
    /WRONG_VERSION|PACKET_LENGTH|ERR_SSL_(UNEXPECTED|INTERNAL)|EPROTO/,
    "The server does not speak TLS from the first byte on this port. Choose STARTTLS, or the port for TLS (465).",
  ],
];

/** What happened and what to do, in words. */
export function explain(rule: TransportRule, fault: Fault, verdict: Verdict): string {
  const said = `${mailClassTexts[verdict.class]} (${rule.host} port ${rule.port}).`;
  if (verdict.class === "tls") {
    const known = tlsTexts.find(([pattern]) => pattern.test(fault.errno ?? "") || pattern.test(fault.message));
    if (known !== undefined) return `${said} ${known[1]}`;
    if (fault.reply !== undefined && fault.step === "tls")
      return `${said} The server offers no STARTTLS here: choose another port, or no encryption on a network of your own.`;
    if (fault.reply !== undefined) return `${said} The server asks for encryption: choose STARTTLS or TLS.`;
  }
  if (verdict.class === "login_refused" && /relay|rcpthosts/i.test(fault.message))
    return `${said} The server does not send mail to others for this machine: enter a user name and password, or allow this address there.`;
  if (verdict.class === "login_refused" && fault.reply === undefined) return `${said} ${answerOf(fault)}`;
  if (verdict.class === "timeout" && fault.step === "greeting")
    return `${said} It took the connection and said nothing. Is it TLS from the first byte (465)? Choose TLS then.`;
  return `${said} ${advice[verdict.class]}`.trim();
}
