import type { Json, MailContent, MailDetail } from "@daybook/contract";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { mailContentQuery, mailSourceUrl } from "../../../api/mail.ts";
import { useMay } from "../../../lib/may.ts";
import { plural } from "../../../lib/numbers.ts";
import { CopyButton } from "../../../ui/copy-button.tsx";
import { Icon } from "../../../ui/icon.tsx";
import { asksRemote, MailFrame } from "../../../ui/mail-frame.tsx";
import { Failure, Skeleton } from "../../../ui/states.tsx";
import { JsonTree } from "../../activity/panel/json-tree.tsx";

/** What the mail said. It is asked for only when somebody opens it, since that goes on record. */
export function MailSaid({ workspace, mail }: { workspace: string; mail: MailDetail }) {
  const may = useMay("mail.body");
  const [open, setOpen] = useState(false);
  const read = useQuery({ ...mailContentQuery(workspace, mail.id), enabled: open && may });
  return (
    <section className="mail-said" aria-labelledby="mail-said">
      <h3 id="mail-said">What it said</h3>
      {!mail.hasContent ? (
        <p className="faint">Nothing of it is kept: it was only reported, or read from the log of a mail server.</p>
      ) : !may ? (
        <p className="notice">
          <Icon name="lock" size={13} /> Your role sees that the mail was sent and not what it said. That needs the
          permission <code>mail.body</code>.
        </p>
      ) : !open ? (
        <p className="said-closed">
          <button type="button" className="btn" onClick={() => setOpen(true)}>
            Open the mail
          </button>
          <span className="faint">That you opened it goes on record.</span>
        </p>
      ) : read.isError ? (
        <Failure error={read.error} retry={() => void read.refetch()} />
      ) : read.data ? (
        <Opened workspace={workspace} mail={mail} content={read.data} />
      ) : (
        <Skeleton lines={8} label="Reading what it said" />
      )}
    </section>
  );
}

type Part = "html" | "text" | "headers" | "variables" | "attachments";

interface OpenedProps {
  workspace: string;
  mail: MailDetail;
  content: MailContent;
}

function Opened({ workspace, mail, content }: OpenedProps) {
  const { html, text, headers, variables, attachments } = content;
  const parts: { part: Part; name: string; there: boolean }[] = [
    { part: "html", name: "Mail", there: html !== undefined },
    { part: "text", name: "Text", there: text !== undefined },
    { part: "headers", name: "Headers", there: headers.length > 0 },
    { part: "variables", name: "Variables", there: variables !== undefined && variables !== null },
    { part: "attachments", name: plural(attachments.length, "attachment"), there: attachments.length > 0 },
  ];
  const there = parts.filter((each) => each.there);
  const [chosen, setChosen] = useState<Part>(there[0]?.part ?? "headers");
  const [images, setImages] = useState(false);
  return (
    <>
      <div className="said-tools">
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row in every browser */}
        <div className="seg" role="group" aria-label="Part of the mail">
          {there.map(({ part, name }) => (
            <button key={part} type="button" aria-pressed={chosen === part} onClick={() => setChosen(part)}>
              {name}
            </button>
          ))}
        </div>
        {chosen === "html" && html !== undefined && asksRemote(html) ? (
          <button type="button" className="btn" aria-pressed={images} onClick={() => setImages(!images)}>
            {images ? "Hide remote images" : "Show remote images"}
          </button>
        ) : null}
        <a className="btn" href={mailSourceUrl(workspace, mail.id)} download={`mail-${mail.id}.eml`}>
          <Icon name="download" size={14} />
          Source
        </a>
      </div>
      <Shown part={chosen} content={content} images={images} subject={mail.subject} />
      <Evidence content={content} />
    </>
  );
}

interface ShownProps {
  part: Part;
  content: MailContent;
  images: boolean;
  subject: string;
}

function Shown({ part, content, images, subject }: ShownProps) {
  const { html, text, headers, variables, attachments } = content;
  if (part === "html")
    return (
      <div className="said-frame">
        <MailFrame html={html ?? ""} title={`The mail “${subject}”`} remoteImages={images} />
      </div>
    );
  if (part === "text")
    return (
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable with the keyboard
      // biome-ignore lint/a11y/useSemanticElements: the text is preformatted
      <pre className="said-text" tabIndex={0} role="region" aria-label="Text of the mail">
        {text}
      </pre>
    );
  if (part === "headers")
    return (
      <dl className="said-headers mono">
        {headers.map(({ name, value }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a header may stand in a mail more than once, and never moves
          <div key={at}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    );
  if (part === "variables") return <JsonTree value={(variables ?? null) as Json} />;
  return (
    <ul className="list said-files">
      {attachments.map(({ filename, contentType, bytes, sha256 }) => (
        <li key={`${filename} ${sha256}`}>
          <span>
            <b>{filename}</b> <span className="soft">{contentType}</span>
          </span>
          <span className="soft" title={`SHA-256 ${sha256}; the file itself is not kept`}>
            {Math.max(1, Math.round(bytes / 1024))} KB
          </span>
        </li>
      ))}
    </ul>
  );
}

/** What was left out of what is shown, and by what it can be proved what was sent. */
function Evidence({ content: { masked, sha256 } }: { content: MailContent }) {
  return (
    <div className="said-evidence">
      {masked > 0 ? (
        <p>
          <Icon name="lock" size={13} /> <b>{plural(masked, "secret is", "secrets are")} masked</b> in what is kept:
          one-time links and codes stand as <code>[masked]</code>. The mail itself carried them.
        </p>
      ) : null}
      {sha256 ? (
        <p className="faint">
          SHA-256 of the message as it was sent, as evidence: <code className="said-hash">{sha256}</code>{" "}
          <CopyButton text={sha256} label="Copy the SHA-256" className="btn bare small" />
        </p>
      ) : null}
    </div>
  );
}
