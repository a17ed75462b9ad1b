import { accessLimits } from "@daybook/contract";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { changePassword, sessionsQuery } from "../../api/access.ts";
import { Problem } from "../../api/request.ts";
import { Field } from "../../ui/field.tsx";

/** Changing one's password; the other sessions end with it. */
export function PasswordForm() {
  const [state, setState] = useState<"closed" | "open" | "changed">("closed");
  return (
    <section aria-labelledby="password">
      <h2 id="password">Password</h2>
      <p role="status">
        {state === "changed" ? "Changed. Your other sessions have ended." : "Changing it ends your other sessions."}
      </p>
      {state === "open" ? (
        <Form onChanged={() => setState("changed")} onCancel={() => setState("closed")} />
      ) : (
        <button type="button" className="btn" onClick={() => setState("open")}>
          Change
        </button>
      )}
    </section>
  );
}

function Form({ onChanged, onCancel }: { onChanged: () => void; onCancel: () => void }) {
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: () => changePassword(current, password),
    onSuccess: async () => {
      onChanged();
      await client.invalidateQueries({ queryKey: sessionsQuery.queryKey });
    },
  });
  const weak = change.error instanceof Problem && change.error.code === "weak_password";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <form className="short-form" onSubmit={submit}>
      <Field
        label="Current password"
        type="password"
        autoComplete="current-password"
        required
        autoFocus
        value={current}
        onText={setCurrent}
        fault={weak ? undefined : change.error?.message}
      />
      <Field
        label="New password"
        type="password"
        autoComplete="new-password"
        required
        minLength={accessLimits.passwordLengthMin}
        hint={`At least ${accessLimits.passwordLengthMin} characters.`}
        value={password}
        onText={setPassword}
        fault={weak ? change.error?.message : undefined}
      />
      <div className="actions">
        <button type="submit" className="btn primary" disabled={change.isPending}>
          Change the password
        </button>
        <button type="button" className="btn" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}
