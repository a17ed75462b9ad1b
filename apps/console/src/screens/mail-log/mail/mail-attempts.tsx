import { type MailAttempt, type MailDetail, mailClassTexts } from "@daybook/contract";
import { durationText } from "../../../lib/duration-text.ts";
import { ShortTime } from "../../../ui/time.tsx";

const outcomes: Record<MailAttempt["outcome"], string> = {
  sending: "under way",
  sent: "taken",
  refused_for_now: "refused for now",
  refused: "refused for good",
  failed: "did not get there",
  maybe_sent: "nobody knows",
};

/** Every conversation with a mail server: when, by which transport, what it answered and what that means. */
export function MailAttempts({ mail }: { mail: MailDetail }) {
  if (mail.attemptList.length === 0) return null;
  return (
    <section>
      <h3>{mail.attemptList.length === 1 ? "Attempt" : `Attempts: ${mail.attemptList.length}`}</h3>
      <ol className="mail-attempts">
        {mail.attemptList.toReversed().map((attempt) => (
          <Attempt key={attempt.n} attempt={attempt} />
        ))}
      </ol>
    </section>
  );
}

function Attempt({ attempt }: { attempt: MailAttempt }) {
  const { n, transport, host, startedAt, endedAt, outcome, class: fault, code, enhanced, line } = attempt;
  const codes = [code, enhanced].filter((each) => each !== undefined).join(" ");
  // The server's line often begins with its codes.
  const said = line === undefined || line.startsWith(String(code)) ? line : [codes, line].filter(Boolean).join(" ");
  return (
    <li data-outcome={outcome}>
      <p>
        <b>
          {n}. {outcomes[outcome]}
        </b>
        <span className="happened-at">
          <ShortTime at={startedAt} />
        </span>
      </p>
      {fault ? <p>{mailClassTexts[fault]}.</p> : null}
      {said || codes ? <p className="mail-answer">{said ?? codes}</p> : null}
      <p className="faint">
        {transport ? `by ${transport}` : ""}
        {host ? ` (${host})` : ""}
        {endedAt ? `, ${durationText(Date.parse(endedAt) - Date.parse(startedAt))}` : ""}
      </p>
    </li>
  );
}
