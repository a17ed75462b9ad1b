import { accessLimits } from "@daybook/contract";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { choosePassword } from "../../api/access.ts";
import { Problem } from "../../api/request.ts";
import { linkToken } from "../../lib/link-token.ts";
import { Field } from "../../ui/field.tsx";
import { Entry } from "../sign-in/entry.tsx";

/** Choosing a password by a one-time link: a new account, or one whose password is lost. */
export function Password() {
  const [token] = useState(linkToken);
  const [password, setPassword] = useState("");
  const choice = useMutation({ mutationFn: () => choosePassword(token, password) });
  const problem = choice.error instanceof Problem ? choice.error : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    choice.mutate();
  };
  if (choice.isSuccess) {
    return (
      <Entry title="Password chosen">
        <p role="status">Your other sessions have ended.</p>
        <Link to="/sign-in" className="btn primary">
          Sign in
        </Link>
      </Entry>
    );
  }
  return (
    <Entry title="Choose a password">
      <form onSubmit={submit}>
        <Field
          label="New password"
          type="password"
          autoComplete="new-password"
          required
          autoFocus
          minLength={accessLimits.passwordLengthMin}
          hint={`At least ${accessLimits.passwordLengthMin} characters. A few words are better than a few signs.`}
          value={password}
          onText={setPassword}
          fault={problem?.message}
        />
        <button type="submit" className="btn primary" disabled={choice.isPending || token === ""}>
          Save the password
        </button>
      </form>
      {token === "" ? (
        <p className="notice warn" role="alert">
          This address is not a whole link. Ask for a new one.
        </p>
      ) : null}
    </Entry>
  );
}
