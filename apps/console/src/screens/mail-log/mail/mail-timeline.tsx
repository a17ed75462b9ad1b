import type { MailDetail, MailHappening } from "@daybook/contract";
import { Link } from "@tanstack/react-router";
import { ShortTime } from "../../../ui/time.tsx";
import "../../tasks/page/task-page.css";
import { term } from "../../activity/search/query-text.ts";

const words: Record<MailHappening, string> = {
  queued: "Queued",
  sent: "Taken by the mail server",
  deferred: "Put off, to be tried again",
  failed: "Failed",
  bounced: "Came back",
  delivered: "Delivered",
  complained: "Reported as spam",
  suppressed: "Not sent: suppressed",
  reported: "Reported",
};

/** What happened to a mail, each with its event in the log. */
export function MailTimeline({ workspace, mail }: { workspace: string; mail: MailDetail }) {
  return (
    <section>
      <h3>What happened</h3>
      <ol className="happenings">
        {mail.timeline.map(({ happening, at, eventId, by, note }) => (
          <li key={eventId} data-happening={happening}>
            <Link
              to="/w/$workspace/activity"
              params={{ workspace }}
              search={{ range: "all", event: eventId }}
              title="The event in the log"
            >
              {words[happening]}
            </Link>
            {by ? <span className="soft"> by {by}</span> : null}
            <span className="happened-at">
              <ShortTime at={at} />
            </span>
            {note ? <span className="happening-note">{note}</span> : null}
          </li>
        ))}
      </ol>
      <p>
        <Link
          to="/w/$workspace/activity"
          params={{ workspace }}
          search={{ range: "all", q: term("target", `mail/${mail.id}`) }}
        >
          Everything about this mail in the record
        </Link>
      </p>
    </section>
  );
}
