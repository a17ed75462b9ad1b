import { accessLimits } from "@daybook/contract";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useRouter } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { type FirstAdministrator, setUp } from "../../api/access.ts";
import { Problem } from "../../api/request.ts";
import { linkToken } from "../../lib/link-token.ts";
import { Field } from "../../ui/field.tsx";
import { Entry } from "../sign-in/entry.tsx";

/** The first owner's account, by the one-time link that the server prints. */
export function Setup() {
  const [token] = useState(linkToken);
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const router = useRouter();
  const client = useQueryClient();
  const setup = useMutation({
    mutationFn: (first: FirstAdministrator) => setUp(first),
    onSuccess: async () => {
      client.clear();
      await router.navigate({ to: "/", replace: true });
    },
  });
  const problem = setup.error instanceof Problem ? setup.error : null;
  if (token === "" || problem?.code === "setup_done" || problem?.code === "link_invalid") {
    return (
      <Entry title="Set up Daybook">
        <p className="notice warn" role="alert">
          {problem?.message ??
            "This address is not a whole setup link. Open the one that the server printed when it started."}
        </p>
        <Link to="/sign-in">Sign in</Link>
      </Entry>
    );
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setup.mutate({ token, name, email, password });
  };
  return (
    <Entry title="Set up Daybook">
      <p>You make the first account. It owns the workspace and can invite others.</p>
      <form onSubmit={submit}>
        <Field label="Name" autoComplete="name" required autoFocus value={name} onText={setName} />
        <Field label="E-mail" type="email" autoComplete="username" required value={email} onText={setEmail} />
        <Field
          label="Password"
          type="password"
          autoComplete="new-password"
          required
          minLength={accessLimits.passwordLengthMin}
          hint={`At least ${accessLimits.passwordLengthMin} characters. A few words are better than a few signs.`}
          value={password}
          onText={setPassword}
          fault={problem?.code === "weak_password" ? problem.message : undefined}
        />
        {setup.error && problem?.code !== "weak_password" ? (
          <p className="notice bad" role="alert">
            {setup.error.message}
          </p>
        ) : null}
        <button type="submit" className="btn primary" disabled={setup.isPending}>
          Create the account
        </button>
      </form>
    </Entry>
  );
}
