import type { MailDetail } from "@daybook/contract";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { mailQuery, resendMail } from "../../../api/mail.ts";
import { useMay } from "../../../lib/may.ts";
import { Field } from "../../../ui/field.tsx";
import { Modal } from "../../../ui/modal.tsx";

/** Sends the mail once more, to the same address or to another: as a new mail that is linked to this one. */
export function Resend({ workspace, mail }: { workspace: string; mail: MailDetail }) {
  const may = useMay("mail.send");
  const client = useQueryClient();
  const [asks, setAsks] = useState(false);
  const [to, setTo] = useState("");
  const send = useMutation({
    mutationFn: () => resendMail(workspace, mail.id, to.trim() || undefined),
    onSuccess: () => {
      setAsks(false);
      setTo("");
      void client.invalidateQueries({ queryKey: mailQuery(workspace, mail.id).queryKey });
      void client.invalidateQueries({ queryKey: ["mails-now", workspace] });
    },
  });
  if (!may || !mail.hasContent) return null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate();
  };
  return (
    <div className="actions">
      <button type="button" className="btn small" onClick={() => setAsks(true)}>
        Send again
      </button>
      {send.isSuccess ? (
        <p role="status" className="soft">
          Sent again to {send.data.to.address}:{" "}
          <Link to="/w/$workspace/mail-log/$id" params={{ workspace, id: send.data.id }}>
            the new mail
          </Link>
        </p>
      ) : null}
      {asks ? (
        <Modal label="Send again" closesOutside={false} onClose={() => setAsks(false)}>
          <form className="resend" onSubmit={submit}>
            <h2>Send “{mail.subject}” again?</h2>
            <Field
              label="To"
              type="email"
              placeholder={mail.to.address}
              value={to}
              autoComplete="off"
              onText={setTo}
              hint="Empty: the same address. It becomes a new mail, linked to this one."
            />
            {mail.suppressed && to.trim() === "" ? (
              <p className="notice warn">The address gets no mail at present: it would be suppressed again.</p>
            ) : null}
            {send.isError ? (
              <p className="fault" role="alert">
                {send.error.message}
              </p>
            ) : null}
            <div className="actions">
              <button type="button" className="btn" onClick={() => setAsks(false)}>
                Cancel
              </button>
              <button type="submit" className="btn primary" disabled={send.isPending}>
                Send again
              </button>
            </div>
          </form>
        </Modal>
      ) : null}
    </div>
  );
}
