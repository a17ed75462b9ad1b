import { type MailDetail, mailClassTexts } from "@daybook/contract";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { mailQuery } from "../../../api/mail.ts";
import { Failure, Skeleton } from "../../../ui/states.tsx";
import { Ago, FullTime } from "../../../ui/time.tsx";
import { reasonTexts } from "../../mail-suppressions/reason-texts.ts";
import { isTrouble, MailMark } from "../mail-mark.tsx";
import "./mail.css";
import { MailAttempts } from "./mail-attempts.tsx";
import { MailFacts } from "./mail-facts.tsx";
import { MailSaid } from "./mail-said.tsx";
import { MailTimeline } from "./mail-timeline.tsx";
import { Recipient } from "./recipient.tsx";
import { Resend } from "./resend.tsx";

/** While a mail is on its way, it is looked after this often. */
const UNDER_WAY_MS = 3_000;

interface MailInFullProps {
  workspace: string;
  id: string;
  layout: "page" | "panel";
}

/** One mail in full: what became of it and why, its attempts, and what it said. */
export function MailInFull({ workspace, id, layout }: MailInFullProps) {
  const read = useQuery({
    ...mailQuery(workspace, id),
    refetchInterval: ({ state }) => (state.data?.status === "queued" ? UNDER_WAY_MS : 5 * UNDER_WAY_MS),
  });
  if (read.isError && !read.data) return <Failure error={read.error} retry={() => void read.refetch()} />;
  if (!read.data) return <Skeleton lines={14} label="Reading the mail" />;
  const mail = read.data;
  return (
    <article className="mail" data-layout={layout}>
      <div className="mail-main">
        <header className="mail-head">
          <h2>{mail.subject}</h2>
          <p className="mail-state">
            <MailMark status={mail.status} />
            <span className="soft">
              to <Recipient workspace={workspace} mail={mail} />
            </span>
            {mail.settledAt ? (
              <span className="faint">
                <Ago at={mail.settledAt} />
              </span>
            ) : null}
          </p>
          <Resend workspace={workspace} mail={mail} />
        </header>
        <Why mail={mail} />
        <Notes workspace={workspace} mail={mail} />
        <MailSaid workspace={workspace} mail={mail} />
      </div>
      <div className="mail-side">
        <MailTimeline workspace={workspace} mail={mail} />
        <MailAttempts mail={mail} />
        <MailFacts workspace={workspace} mail={mail} />
      </div>
    </article>
  );
}

/** Why it did not come through, or not yet: in words, and as the mail server said it. */
function Why({ mail }: { mail: MailDetail }) {
  const { status, reason, answer, nextTryAt } = mail;
  if (!isTrouble(mail)) {
    if (!answer) return null;
    return <p className="mail-answer ok-answer">{answer}</p>;
  }
  const waits = status === "queued";
  return (
    <section
      className="mail-why"
      data-waits={waits}
      aria-label={waits ? "Why it waits" : "Why it did not come through"}
    >
      <p>
        <b>{reason ?? (mail.class ? mailClassTexts[mail.class] : "It did not come through")}.</b>
        {waits && nextTryAt ? (
          <>
            {" "}
            Next try <Ago at={nextTryAt} />.
          </>
        ) : null}
      </p>
      {answer ? <p className="mail-answer">{answer}</p> : null}
    </section>
  );
}

/** What one should know beside it. */
function Notes({ workspace, mail }: { workspace: string; mail: MailDetail }) {
  const { maybeSent, suppressed, sendAt, status, to } = mail;
  return (
    <>
      {maybeSent ? (
        <p className="notice warn">
          <b>It may have arrived twice.</b> An attempt broke off after the message was on the wire and before the mail
          server answered, so nobody knows whether that one arrived. It was sent again with the same Message-ID.
        </p>
      ) : null}
      {suppressed ? (
        <p className="notice warn">
          <b>{to.address} gets no mail at present</b>: {reasonTexts[suppressed.reason]}, since{" "}
          <FullTime at={suppressed.at} />.{" "}
          {to.address.includes("@") ? (
            <Link to="/w/$workspace/mail-addresses/$address" params={{ workspace, address: to.address }}>
              See why, or reactivate it
            </Link>
          ) : null}
        </p>
      ) : null}
      {status === "queued" && sendAt && Date.parse(sendAt) > Date.now() ? (
        <p className="notice">
          It is sent <Ago at={sendAt} />, not before.
        </p>
      ) : null}
    </>
  );
}
