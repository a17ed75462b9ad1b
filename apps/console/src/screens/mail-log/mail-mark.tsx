import { type MailMessage, type MailStatus, mailClassTexts } from "@daybook/contract";

/** Each status has a shape of its own on a grid of 12: what differs by colour differs by shape too. */
const shapes: Record<MailStatus, React.ReactNode> = {
  queued: <circle cx="6" cy="6" r="4.25" strokeDasharray="2.2 2.25" />,
  sent: <path d="M1.75 6h8M6.5 2.75L9.75 6 6.5 9.25" />,
  delivered: <path d="M2.25 6.5l2.5 2.5 5-6" />,
  failed: <path d="M2.75 2.75l6.5 6.5M9.25 2.75l-6.5 6.5" />,
  bounced: <path d="M4.75 1.75L2.25 4.25l2.5 2.5M2.25 4.25h4.5a3 3 0 0 1 0 6H4.5" />,
  complained: <path d="M3 10.5V2h6l-1.75 2.25L9 6.5H3" />,
  suppressed: (
    <>
      <circle cx="6" cy="6" r="4.25" />
      <path d="M3.2 8.8l5.6-5.6" />
    </>
  ),
};

/** What became of a mail: shape, colour and word. */
export function MailMark({ status, short = false }: { status: MailStatus; short?: boolean }) {
  return (
    <span className="status-mark mail-mark" data-status={status} title={short ? status : undefined}>
      <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
        {shapes[status]}
      </svg>
      <span className={short ? "only-read" : undefined}>{status}</span>
    </span>
  );
}

/** The class of a fault in two words; the sentence on hover. */
export function ClassWord({ mail }: { mail: Pick<MailMessage, "class" | "status"> }) {
  if (mail.class === undefined || mail.class === mail.status) return null;
  return (
    <span className="class-word" title={mailClassTexts[mail.class]}>
      {mail.class.replaceAll("_", " ")}
    </span>
  );
}

/** Statuses of mails that did not come through. */
export const undelivered = "failed,bounced,suppressed";

/** Whether a mail went wrong, or goes wrong for now. */
export function isTrouble({ status, class: fault }: Pick<MailMessage, "class" | "status">): boolean {
  return `${undelivered},complained`.includes(status) || (status === "queued" && fault !== undefined);
}
