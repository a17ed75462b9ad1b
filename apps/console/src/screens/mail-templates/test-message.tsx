import type { PreviewInput, Template } from "@daybook/contract";
import { mailClassTexts } from "@daybook/contract";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { sendTestMessage, testMessageQuery } from "../../api/mail-templates.ts";
import { useMay } from "../../lib/may.ts";
import { Modal } from "../../ui/modal.tsx";
import "../mail-log/mail-log.css";
import { MailMark } from "../mail-log/mail-mark.tsx";
import type { Draft } from "./edit/draft.ts";
import { isTokenName } from "./edit/token-values.ts";

interface TestMessageProps {
  workspace: string;
  template: Template;
  locale: string;
  draft: Draft;
}

/** Sends what is being written to whoever is signed in, and tells what became of it. */
export function TestMessage({ workspace, template, locale, draft }: TestMessageProps) {
  const may = useMay("mail.write");
  const [open, setOpen] = useState(false);
  const send = useMutation({
    mutationFn: () => sendTestMessage(workspace, template.name, { locale, ...unsavedOf(draft, locale) }),
    onMutate: () => setOpen(true),
  });
  if (!may) return null;
  return (
    <>
      <button type="button" className="btn" disabled={send.isPending} onClick={() => send.mutate()}>
        Send test
      </button>
      {open ? (
        <Modal label="Test message" onClose={() => setOpen(false)}>
          <h2>Test of {template.title}</h2>
          {send.isError ? (
            <p className="notice bad" role="alert">
              {send.error.message}
            </p>
          ) : send.data ? (
            <Became workspace={workspace} id={send.data.id} to={send.data.to.address} />
          ) : (
            <p role="status">Sending…</p>
          )}
          <p className="soft test-note">
            It is sent as you see it, in {locale}, with the samples of the tokens; changes need not be saved.
          </p>
          <div className="actions">
            <button type="button" className="btn" onClick={() => setOpen(false)}>
              Close
            </button>
          </div>
        </Modal>
      ) : null}
    </>
  );
}

function unsavedOf({ texts, shared }: Draft, locale: string): Omit<PreviewInput, "messageId"> {
  const text = texts[locale];
  return {
    ...(text && { subject: text.subject, html: text.html, text: text.text }),
    ...(shared && { layout: shared.layout, tokens: shared.tokens.filter(({ name }) => isTokenName(name)) }),
  };
}

function Became({ workspace, id, to }: { workspace: string; id: string; to: string }) {
  const read = useQuery(testMessageQuery(workspace, id));
  const message = read.data;
  return (
    <div role="status">
      <p>
        To <b>{to}</b>: <MailMark status={message?.status ?? "queued"} />
        {message?.class ? `. ${message.reason ?? mailClassTexts[message.class]}.` : ""}
      </p>
      {message?.answer ? <p className="mono soft">{message.answer}</p> : null}
      <p>
        <Link to="/w/$workspace/mail-log/$id" params={{ workspace, id }}>
          Show it in the mail log
        </Link>
      </p>
    </div>
  );
}
