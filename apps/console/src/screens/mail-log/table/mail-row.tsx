// biome-ignore-all lint/a11y/useSemanticElements: as in row-grid.tsx
// biome-ignore-all lint/a11y/useFocusableInteractive: as in row-grid.tsx
import type { MailMessage } from "@daybook/contract";
import { memo } from "react";
import { plural } from "../../../lib/numbers.ts";
import { ShortTime } from "../../../ui/time.tsx";
import { ClassWord, isTrouble, MailMark } from "../mail-mark.tsx";

interface MailRowProps {
  mail: MailMessage;
  index: number;
  top: number;
  cursor: boolean;
  selected: boolean;
  narrow: boolean;
  columns: readonly MailColumn[];
}

/** What a row shows, in the order of the columns. */
export const mailColumns = [
  { name: "queued", head: "Queued", width: "100px" },
  { name: "status", head: "Status", width: "minmax(184px, 0.9fr)" },
  { name: "to", head: "Recipient", width: "minmax(170px, 1.1fr)" },
  { name: "subject", head: "Subject", width: "minmax(220px, 2.2fr)" },
  { name: "template", head: "Type", width: "minmax(136px, 0.8fr)" },
  { name: "user", head: "User", width: "minmax(100px, 0.7fr)" },
  { name: "attempts", head: "Tries", width: "56px" },
] as const;

type MailColumn = (typeof mailColumns)[number];

/** Beside the panel of a mail there is room for less. */
export const briefColumns = mailColumns.filter(({ name }) => ["queued", "status", "to", "subject"].includes(name));

/** On the page of an address, that address stands above. */
export const addressColumns = mailColumns.filter(({ name }) => name !== "to");

/** One mail. A change draws its row alone again. */
export const MailRow = memo(function MailRow({ mail, index, top, cursor, selected, narrow, columns }: MailRowProps) {
  const cells: Record<MailColumn["name"], React.ReactNode> = {
    queued: <ShortTime at={mail.queuedAt} />,
    status: (
      <>
        <MailMark status={mail.status} />
        <ClassWord mail={mail} />
        {mail.maybeSent ? <span className="maybe">maybe twice</span> : null}
      </>
    ),
    to: <span title={mail.to.name ? `${mail.to.name} <${mail.to.address}>` : undefined}>{mail.to.address}</span>,
    subject: <SubjectCell mail={mail} />,
    template: mail.template ? (
      <button
        type="button"
        className="type-badge"
        tabIndex={-1}
        data-template={mail.template}
        title={`Show only ${mail.template}`}
      >
        {mail.template}
      </button>
    ) : null,
    user: mail.user ? <span title={mail.user.id}>{mail.user.name ?? mail.user.id}</span> : null,
    attempts: mail.attempts > 1 ? <span title={plural(mail.attempts, "attempt")}>{mail.attempts}</span> : null,
  };
  return (
    <div
      role="row"
      id={`row-${mail.id}`}
      className={narrow ? "row two-line" : "row"}
      aria-rowindex={index + 2}
      aria-selected={selected}
      data-cursor={cursor}
      data-status={mail.status}
      data-mail={mail.id}
      style={{ transform: `translateY(${top}px)` }}
    >
      {columns.map(({ name }) => (
        <div role="gridcell" key={name} className={`cell ${name}`}>
          {cells[name]}
        </div>
      ))}
    </div>
  );
});

/** The subject, and behind it what there is to say: what the mail server answered. */
function SubjectCell({ mail }: { mail: MailMessage }) {
  const said = isTrouble(mail) ? (mail.answer ?? mail.reason) : undefined;
  return (
    <>
      <b>{mail.subject}</b>
      {said ? <span className={mail.status === "queued" ? "said" : "said bad"}> {said}</span> : null}
    </>
  );
}
