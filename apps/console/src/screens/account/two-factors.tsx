import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { beginTotp, confirmTotp, meQuery, removeTotp, type TotpEnrolment } from "../../api/access.ts";
import { Field } from "../../ui/field.tsx";
import { QrCode } from "./qr-code.tsx";

/** The second factor: turning it on with an authenticator app, and off with the password. */
export function TwoFactors({ enabled, onCodes }: { enabled: boolean; onCodes: (codes: readonly string[]) => void }) {
  const begin = useMutation({ mutationFn: beginTotp });
  return (
    <section aria-labelledby="two-factors">
      <h2 id="two-factors">Two factors</h2>
      <p>
        {enabled
          ? "On. Signing in asks for a code of your authenticator app."
          : "Off. With an authenticator app, a stolen password alone does not let anybody in."}
      </p>
      {enabled ? (
        <TurnOff />
      ) : begin.data ? (
        <Enrol enrolment={begin.data} onCodes={onCodes} />
      ) : (
        <button type="button" className="btn" disabled={begin.isPending} onClick={() => begin.mutate()}>
          Turn on
        </button>
      )}
      {begin.isError ? (
        <p className="notice bad" role="alert">
          {begin.error.message}
        </p>
      ) : null}
    </section>
  );
}

interface EnrolProps {
  enrolment: TotpEnrolment;
  onCodes: (codes: readonly string[]) => void;
}

function Enrol({ enrolment, onCodes }: EnrolProps) {
  const [code, setCode] = useState("");
  const client = useQueryClient();
  const confirm = useMutation({
    mutationFn: () => confirmTotp(code.replace(/\s/g, "")),
    onSuccess: ({ recoveryCodes }) => {
      onCodes(recoveryCodes);
      return client.invalidateQueries({ queryKey: meQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    confirm.mutate();
  };
  return (
    <form className="enrol" onSubmit={submit}>
      <QrCode text={enrolment.uri} label="QR code for your authenticator app" />
      <div className="enrol-steps">
        <p>1. Scan the code with your authenticator app, or type this secret into it:</p>
        <code className="secret">{enrolment.secret.replace(/(.{4})(?=.)/g, "$1 ")}</code>
        <p>2. Type the code that the app shows:</p>
        <Field
          label="Code"
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={7}
          required
          value={code}
          onText={setCode}
          fault={confirm.error?.message}
        />
        <button type="submit" className="btn primary" disabled={confirm.isPending}>
          Turn on
        </button>
      </div>
    </form>
  );
}

function TurnOff() {
  const [asks, setAsks] = useState(false);
  const [password, setPassword] = useState("");
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => removeTotp(password),
    onSuccess: () => client.invalidateQueries({ queryKey: meQuery.queryKey }),
  });
  if (!asks) {
    return (
      <button type="button" className="btn" onClick={() => setAsks(true)}>
        Turn off
      </button>
    );
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    remove.mutate();
  };
  return (
    <form className="short-form" onSubmit={submit}>
      <Field
        label="Your password"
        type="password"
        autoComplete="current-password"
        required
        autoFocus
        value={password}
        onText={setPassword}
        fault={remove.error?.message}
      />
      <div className="actions">
        <button type="submit" className="btn danger" disabled={remove.isPending}>
          Turn two factors off
        </button>
        <button type="button" className="btn" onClick={() => setAsks(false)}>
          Cancel
        </button>
      </div>
    </form>
  );
}
