import type { MailMessage } from "@daybook/contract";
import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { pastMessagesQuery } from "../../../api/mail-templates.ts";
import { useMay } from "../../../lib/may.ts";
import { shortAge } from "../../../lib/time-text.ts";
import { zone } from "../../../lib/zone.ts";
import { sampleData } from "../edit/token-values.ts";
import type { TemplateWork } from "../edit/use-template-work.ts";
import type { PreviewData, PreviewState } from "./use-preview.ts";

/** With which data the template is looked at. */
export function DataChoice({ work, preview }: { work: TemplateWork; preview: PreviewState }) {
  const { data, setData, dataFault } = preview;
  const id = useId();
  const mayOpen = useMay("mail.body");
  const choose = (kind: string) =>
    setData(
      kind === "own"
        ? { kind, text: JSON.stringify(sampleData(work.shared.tokens), null, 2) }
        : kind === "message"
          ? { kind, id: undefined }
          : { kind: "sample" },
    );
  return (
    <div className="data-choice">
      <label htmlFor={id} className="faint">
        Data
      </label>
      <select id={id} className="input" value={data.kind} onChange={({ target }) => choose(target.value)}>
        <option value="sample">Samples of the tokens</option>
        <option value="own">Written here</option>
        {mayOpen && work.template.kind === "template" ? <option value="message">A message that was sent</option> : null}
      </select>
      {data.kind === "message" ? <PastMessages work={work} data={data} setData={setData} /> : null}
      {data.kind === "own" ? (
        <div className="own-data">
          <textarea
            className="input mono"
            aria-label="Data as JSON"
            aria-invalid={dataFault !== undefined}
            rows={6}
            spellCheck={false}
            value={data.text}
            onChange={({ target }) => setData({ kind: "own", text: target.value })}
          />
          {dataFault ? (
            <span className="fault" role="alert">
              {dataFault}
            </span>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}

interface PastMessagesProps {
  work: TemplateWork;
  data: Extract<PreviewData, { kind: "message" }>;
  setData: (data: PreviewData) => void;
}

/** One of its last messages. What is secret in them is masked, here too. */
function PastMessages({ work, data, setData }: PastMessagesProps) {
  const read = useQuery(pastMessagesQuery(work.workspace, work.template.name));
  if (read.isError)
    return (
      <span className="fault" role="alert">
        {read.error.message}
      </span>
    );
  const messages = read.data ?? [];
  if (read.isSuccess && messages.length === 0) return <span className="soft">None was sent yet.</span>;
  return (
    <select
      className="input"
      aria-label="Message"
      value={data.id ?? ""}
      onChange={({ target }) => setData({ kind: "message", id: target.value || undefined })}
    >
      <option value="">{read.isPending ? "Reading…" : "Choose one"}</option>
      {messages.map((message) => (
        <option key={message.id} value={message.id}>
          {messageText(message)}
        </option>
      ))}
    </select>
  );
}

function messageText({ to, queuedAt, locale }: MailMessage): string {
  return `${to.address} · ${shortAge(Date.parse(queuedAt), Date.now(), zone.get())}${locale ? ` · ${locale}` : ""}`;
}
