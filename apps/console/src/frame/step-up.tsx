import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { confirmIdentity, meQuery } from "../api/access.ts";
import { onStepUp } from "../api/request.ts";
import { Field } from "../ui/field.tsx";
import { Modal } from "../ui/modal.tsx";

type Answer = (confirmed: boolean) => void;

/** Opens when the server wants to be sure who is there before a sensitive act; then the act goes on by itself. */
export function StepUp() {
  const [answer, setAnswer] = useState<Answer | null>(null);
  useEffect(() => onStepUp(() => new Promise((resolve) => setAnswer(() => resolve))), []);
  if (!answer) return null;
  const close = (confirmed: boolean) => {
    setAnswer(null);
    answer(confirmed);
  };
  return (
    <Modal label="Confirm that it is you" closesOutside={false} onClose={() => close(false)}>
      <Form onConfirmed={() => close(true)} onCancel={() => close(false)} />
    </Modal>
  );
}

function Form({ onConfirmed, onCancel }: { onConfirmed: () => void; onCancel: () => void }) {
  const me = useQuery(meQuery);
  const twoFactors = me.data?.staff.totpEnabled ?? false;
  const [byPassword, setByPassword] = useState(false);
  const [typed, setTyped] = useState("");
  const [fault, setFault] = useState<string>();
  const [sending, setSending] = useState(false);
  const withCode = twoFactors && !byPassword;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setSending(true);
    setFault(undefined);
    try {
      await confirmIdentity(withCode ? { code: typed.replace(/\s/g, "") } : { password: typed });
      onConfirmed();
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
      setTyped("");
      setSending(false);
    }
  };
  const switchTo = (password: boolean) => {
    setByPassword(password);
    setTyped("");
    setFault(undefined);
  };
  return (
    <form className="step-up" onSubmit={(event) => void submit(event)}>
      <h2>Confirm that it is you</h2>
      <p className="soft">What you are about to do is sensitive. It goes on as soon as you have confirmed.</p>
      <Field
        key={withCode ? "code" : "password"}
        label={withCode ? "Code of your authenticator app, or a recovery code" : "Your password"}
        type={withCode ? "text" : "password"}
        autoComplete={withCode ? "one-time-code" : "current-password"}
        required
        autoFocus
        value={typed}
        onText={setTyped}
        fault={fault}
      />
      {twoFactors ? (
        <button type="button" className="linklike" onClick={() => switchTo(!byPassword)}>
          {byPassword ? "Use the authenticator app instead" : "Use your password instead"}
        </button>
      ) : null}
      <div className="actions">
        <button type="button" className="btn" onClick={onCancel}>
          Cancel
        </button>
        <button type="submit" className="btn primary" disabled={sending}>
          Confirm
        </button>
      </div>
    </form>
  );
}
