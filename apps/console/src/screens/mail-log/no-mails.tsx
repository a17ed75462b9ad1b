import { Link } from "@tanstack/react-router";
import { CopyBlock } from "../../ui/copy-button.tsx";
import { Empty } from "../../ui/states.tsx";
import { narrowing } from "./mail-search.ts";
import type { MailView } from "./use-mail-view.ts";

/** An empty table: because of the filter, because of the range, or because there was no mail yet. */
export function NoMails({ view }: { view: MailView }) {
  const { search, change, workspace } = view;
  const filtered = narrowing.some((key) => search[key] !== undefined);
  const ranged = search.range !== "all";
  const { address } = search;
  if (filtered || search.from || search.to)
    return (
      <Empty title="No mail here">
        <p>No mail of this range fits the filter.</p>
        <div className="actions">
          {filtered ? (
            <button
              type="button"
              className="btn"
              onClick={() => change(Object.fromEntries(narrowing.map((key) => [key, undefined])))}
            >
              Clear the filter
            </button>
          ) : null}
          {ranged ? (
            <button
              type="button"
              className="btn"
              onClick={() => change({ range: "all", from: undefined, to: undefined })}
            >
              Show all time
            </button>
          ) : null}
          {address && !address.startsWith("@") ? (
            <Link className="btn" to="/w/$workspace/mail-addresses/$address" params={{ workspace, address }}>
              Why did {address} get nothing?
            </Link>
          ) : null}
        </div>
      </Empty>
    );
  return (
    <Empty title="No mail yet">
      <p>
        Every mail that your platform sends stands here: what became of it, what the mail server answered and what it
        said. Set up how mails leave under{" "}
        <Link to="/w/$workspace/settings/mail" params={{ workspace }}>
          Mail settings
        </Link>
        , make a key under{" "}
        <Link to="/w/$workspace/api-keys" params={{ workspace }}>
          API keys
        </Link>{" "}
        with the scope <code>mail:send</code>, then send the first:
      </p>
      <CopyBlock label="Command that sends a first mail" text={firstMail()} />
      <p>A panel that goes on sending its mail itself reports it in the same way:</p>
      <CopyBlock label="Command that reports a mail" text={firstReport()} />
      <p>Or look round in an invented company:</p>
      <CopyBlock label="Command that fills the demo workspace" text="npx daybook demo" />
      {ranged ? (
        <button type="button" className="btn" onClick={() => change({ range: "all" })}>
          Show all time
        </button>
      ) : null}
    </Empty>
  );
}

function firstMail(): string {
  return `curl ${location.origin}/api/v1/mail/messages \\
  -H "Authorization: Bearer $DAYBOOK_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{
    "to": "you@example.com",
    "subject": "Hello from Daybook",
    "text": "It works."
  }'`;
}

function firstReport(): string {
  return `curl ${location.origin}/api/v1/mail/messages \\
  -H "Authorization: Bearer $DAYBOOK_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{
    "delivery": "external", "to": "dana@acme.example",
    "subject": "Your server is ready", "html": "<p>…</p>"
  }'`;
}
