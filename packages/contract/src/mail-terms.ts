/** What became of a mail, in the order in which the database numbers it. The first is open; of the others only `delivered` and `sent` may still
 *  change: a provider tells later. */
export const mailStatuses = ["queued", "sent", "failed", "bounced", "delivered", "complained", "suppressed"] as const;
export type MailStatus = (typeof mailStatuses)[number];

/** How a mail came here: made and sent by Daybook; taken in by the SMTP relay and sent by Daybook; sent by the panel, which reported it; read from
 *  a mail server's log. */
export const mailDeliveries = ["daybook", "relay", "external", "imported"] as const;
export type MailDelivery = (typeof mailDeliveries)[number];

export const mailPriorities = ["high", "normal", "low"] as const;
export type MailPriority = (typeof mailPriorities)[number];

/** Why an attempt did not get through, in the words of the field; each has a sentence in `mailClassTexts`. */
export const mailClasses = [
  "dns",
  "connect",
  "tls",
  "login_refused",
  "sender_refused",
  "recipient_refused",
  "mailbox_full",
  "timeout",
  "cut",
  "greylisted",
  "rate_limited",
  "spam_refused",
  "too_large",
  "refused_for_now",
  "refused",
  "expired",
  "cancelled",
  "template_broken",
  "no_transport",
  "suppressed",
  "complaint",
] as const;
export type MailClass = (typeof mailClasses)[number];

/** What a person reads for a class. */
export const mailClassTexts: Record<MailClass, string> = {
  dns: "The mail server's name could not be found",
  connect: "The mail server could not be reached",
  tls: "No secure connection could be made",
  login_refused: "The mail server refused the user name or password",
  sender_refused: "The sender's address was refused",
  recipient_refused: "The recipient's address was refused: it does not exist or takes no mail",
  mailbox_full: "The recipient's mailbox is full",
  timeout: "The mail server did not answer in time",
  cut: "The connection was cut in the middle",
  greylisted: "The server asked to try again later (greylisting)",
  rate_limited: "Too many mails at a time: the server asked to slow down",
  spam_refused: "It was refused as spam, or for the sender's reputation",
  too_large: "It is larger than the server takes",
  refused_for_now: "The server refused it for now",
  refused: "The server refused it for good",
  expired: "It could not be delivered within its time",
  cancelled: "It was cancelled before it was sent",
  template_broken: "Its template could not be rendered",
  no_transport: "No mail server is set up",
  suppressed: "The address is on the suppression list",
  complaint: "The recipient reported it as spam",
};

/** What happens to a mail, each an event of the log: `mail.<happening>`. */
export const mailHappenings = [
  "queued",
  "sent",
  "deferred",
  "failed",
  "bounced",
  "delivered",
  "complained",
  "suppressed",
  "reported",
] as const;
export type MailHappening = (typeof mailHappenings)[number];

/** Why nothing is sent to an address. */
export const suppressionReasons = ["hard_bounce", "complaint", "unsubscribed", "manual"] as const;
export type SuppressionReason = (typeof suppressionReasons)[number];

/** Who tells by webhook what became of a mail. */
export const mailProviders = ["postmark", "ses", "mailgun", "sendgrid", "resend"] as const;
export type MailProvider = (typeof mailProviders)[number];

/** Limits of mail, each with its reason. */
export const mailLimits = {
  /** RFC 5321, 4.5.3.1.3: a path of 256 octets, less its brackets. */
  addressLengthMax: 254,
  /** A subject is one line of a mail; longer ones are cut by every reader. */
  subjectLengthMax: 500,
  /** Of a template: what is larger is not a mail any more (Gmail cuts at 102 KB). */
  htmlBytesMax: 512 * 1024,
  textBytesMax: 256 * 1024,
  /** The data of a message as JSON. */
  dataBytesMax: 64 * 1024,
  /** Attachments of one message, all together: many servers take no mail above 10 to 25 MB, and base64 adds a third. */
  attachmentsMax: 20,
  attachmentsBytesMax: 10 * 1024 * 1024,
  /** A further header of a message. */
  headersMax: 20,
  headerLengthMax: 900,
  /** A message taken in by the relay, as a whole. */
  relayBytesMax: 25 * 1024 * 1024,
  /** Recipients of one message that the relay takes; each becomes a message of its own. */
  relayRecipientsMax: 100,
  /** How far ahead a message may be put off. */
  sendAheadDaysMax: 90,
  /** What a mail server refuses for now is tried again for so long. */
  retryHours: 24,
  /** Rendering one part: a template that loops stops here, and mail goes on. */
  renderMs: 1_000,
  renderMemoryMb: 64,
  /** What rendering may give. */
  renderBytesMax: 1024 * 1024,
  templateNameLengthMax: 60,
  templatesMax: 500,
  versionsShown: 100,
  transportsMax: 10,
  localeLengthMax: 20,
  tokensMax: 200,
} as const;
