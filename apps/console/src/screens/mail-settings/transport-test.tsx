import type { TransportTestResult } from "@daybook/contract";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { meQuery } from "../../api/access.ts";
import { testTransport, transportsQuery } from "../../api/mail-settings.ts";
import { durationText } from "../../lib/duration-text.ts";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Field } from "../../ui/field.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Modal } from "../../ui/modal.tsx";

interface TransportTestProps {
  workspace: string;
  name: string;
  onClose: () => void;
}

/** Sends a test mail and shows the conversation with the mail server line by line, and in words what failed. */
export function TransportTest({ workspace, name, onClose }: TransportTestProps) {
  const client = useQueryClient();
  const me = useQuery(meQuery).data;
  const [to, setTo] = useState("");
  const test = useMutation({
    mutationFn: () => testTransport(workspace, name, to.trim() || undefined),
    onSettled: () => client.invalidateQueries({ queryKey: transportsQuery(workspace).queryKey }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    test.mutate();
  };
  return (
    <Modal label={`Test of ${name}`} className="dialog transport-test" closesOutside={false} onClose={onClose}>
      <h2>Send a test mail by {name}</h2>
      <form className="test-form" onSubmit={submit}>
        <Field
          label="To"
          type="email"
          placeholder={me?.staff.email ?? ""}
          value={to}
          autoComplete="off"
          onText={setTo}
          hint="Empty: to you."
        />
        <button type="submit" className="btn primary" disabled={test.isPending}>
          {test.isPending ? "Sending…" : test.isIdle ? "Send" : "Send again"}
        </button>
      </form>
      <div role="status">
        {test.isPending ? <p className="soft">Talking to the mail server. This may take half a minute.</p> : null}
        {test.data ? <Result result={test.data} /> : null}
      </div>
      {test.isError ? (
        <p className="notice bad" role="alert">
          {test.error.message}
        </p>
      ) : null}
      <div className="actions">
        <button type="button" className="btn" onClick={onClose}>
          Close
        </button>
      </div>
    </Modal>
  );
}

function Result({ result }: { result: TransportTestResult }) {
  const { ok, what, code, line, conversation, durationMs } = result;
  const text = conversation.map(({ from, text }) => `${signs[from]} ${text}`).join("\n");
  return (
    <div className="test-result">
      <div className={ok ? "notice test-ok" : "notice bad"}>
        <Icon name={ok ? "check" : "warning"} />
        <div>
          {what}
          {line && !ok ? (
            <p className="mono">{line.startsWith(String(code)) ? line : [code, line].filter(Boolean).join(" ")}</p>
          ) : null}
        </div>
      </div>
      <div className="test-head">
        <h3>The conversation, {durationText(durationMs)}</h3>
        <CopyButton text={text} label="Copy the conversation" className="btn small" />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable with the keyboard */}
      <ol className="conversation mono" tabIndex={0} aria-label="The conversation with the mail server">
        {conversation.map(({ from, text: said, ms }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines are what was said, in its order
          <li key={at} data-from={from}>
            <span className="said-ms">{ms} ms</span>
            <span className="said-by" title={names[from]}>
              <span aria-hidden="true">{signs[from]}</span>
              <span className="only-read">{names[from]}: </span>
            </span>
            <span>{said}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}

type Side = TransportTestResult["conversation"][number]["from"];

const signs: Record<Side, string> = { client: "→", server: "←", note: "·" };
const names: Record<Side, string> = { client: "Daybook", server: "the mail server", note: "note" };
