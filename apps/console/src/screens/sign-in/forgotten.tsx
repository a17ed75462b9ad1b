import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { askPasswordReset } from "../../api/access.ts";
import { Field } from "../../ui/field.tsx";
import { Entry } from "./entry.tsx";

/** Asks for a link for a new password by mail. What is said afterwards is the same whoever the address belongs to. */
export function Forgotten({ email: typed, onBack }: { email: string; onBack: () => void }) {
  const [email, setEmail] = useState(typed);
  const question = useMutation({ mutationFn: () => askPasswordReset(email) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    question.mutate();
  };
  const back = (
    <button type="button" className="linklike" onClick={onBack}>
      Back to sign in
    </button>
  );
  if (question.isSuccess) {
    return (
      <Entry title="Look into your mail">
        <p role="status">
          If {email} has an account here and Daybook can send mail, a link is on its way. It works once, for an hour. If
          nothing comes, ask an owner or administrator: they can make a link for you.
        </p>
        {back}
      </Entry>
    );
  }
  return (
    <Entry title="Forgot your password?">
      <form onSubmit={submit}>
        <Field
          label="E-mail"
          type="email"
          autoComplete="username"
          required
          autoFocus
          hint="You get a link with which you choose another one."
          value={email}
          onText={setEmail}
        />
        {question.error ? (
          <p className="notice bad" role="alert">
            {question.error.message}
          </p>
        ) : null}
        <button type="submit" className="btn primary" disabled={question.isPending}>
          Send the link
        </button>
        {back}
      </form>
    </Entry>
  );
}
