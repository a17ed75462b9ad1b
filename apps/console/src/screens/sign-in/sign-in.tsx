import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter, useSearch } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { type Credentials, setupStateQuery, signIn } from "../../api/access.ts";
import { Problem } from "../../api/request.ts";
import { useTicking } from "../../lib/clock.ts";
import { Field } from "../../ui/field.tsx";
import { Entry } from "./entry.tsx";
import { Forgotten } from "./forgotten.tsx";

/** E-mail address and password, then the code of the authenticator app if the account has one. */
export function SignIn() {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [forgot, setForgot] = useState(false);
  const { entry, asksCode, back, blockedUntil } = useSignIn(() => setCode(""));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    entry.mutate({ email, password, ...(asksCode && { code: code.replace(/\s/g, "") }) });
  };
  if (forgot) return <Forgotten email={email} onBack={() => setForgot(false)} />;
  return (
    <Entry title={asksCode ? "Second factor" : "Sign in"}>
      <form onSubmit={submit}>
        {asksCode ? (
          <Field
            key="code"
            label="Code of your authenticator app"
            hint="Without your phone: one of your recovery codes."
            className="code-input"
            autoComplete="one-time-code"
            maxLength={20}
            required
            autoFocus
            value={code}
            onText={setCode}
          />
        ) : (
          <>
            <Field
              label="E-mail"
              type="email"
              autoComplete="username"
              required
              autoFocus
              value={email}
              onText={setEmail}
            />
            <Field
              label="Password"
              type="password"
              autoComplete="current-password"
              required
              value={password}
              onText={setPassword}
            />
          </>
        )}
        <Refusal error={entry.error} blockedUntil={blockedUntil} />
        <SubmitButton busy={entry.isPending} blockedUntil={blockedUntil} />
        {asksCode ? (
          <button type="button" className="linklike" onClick={back}>
            Back
          </button>
        ) : (
          <button type="button" className="linklike" onClick={() => setForgot(true)}>
            Forgot your password?
          </button>
        )}
      </form>
      <SetupHint />
    </Entry>
  );
}

/** Signing in: whether a code is asked for, and until when the server takes no more attempts. */
function useSignIn(onWrong: () => void) {
  const { next } = useSearch({ from: "/sign-in" });
  const router = useRouter();
  const client = useQueryClient();
  const [asksCode, setAsksCode] = useState(false);
  const [blockedUntil, setBlockedUntil] = useState(0);
  const entry = useMutation({
    mutationFn: (credentials: Credentials) => signIn(credentials),
    onSuccess: async () => {
      client.clear();
      await router.navigate({ href: next ?? "/", replace: true });
    },
    onError: (error) => {
      if (!(error instanceof Problem)) return;
      if (error.code === "code_required") setAsksCode(true);
      else onWrong();
      if (error.status === 429) setBlockedUntil(Date.now() + (error.retryAfterSeconds ?? 30) * 1000);
    },
  });
  const back = () => {
    setAsksCode(false);
    entry.reset();
  };
  return { entry, asksCode, back, blockedUntil };
}

function Refusal({ error, blockedUntil }: { error: unknown; blockedUntil: number }) {
  const left = useTicking((now) => countdown(blockedUntil - now));
  if (left) {
    return (
      <p className="notice warn" role="alert">
        Too many failed attempts. You can try again in <b>{left}</b>.
      </p>
    );
  }
  if (!(error instanceof Error) || isSaidOtherwise(error)) return null;
  return (
    <p className="notice bad" role="alert">
      {error.message}
    </p>
  );
}

function isSaidOtherwise(error: Error): boolean {
  return error instanceof Problem && (error.status === 429 || error.code === "code_required");
}

function SubmitButton({ busy, blockedUntil }: { busy: boolean; blockedUntil: number }) {
  const left = useTicking((now) => countdown(blockedUntil - now));
  return (
    <button type="submit" className="btn primary" disabled={busy || left !== ""}>
      Sign in
    </button>
  );
}

/** "42 s", "3 min 5 s"; empty when it is over. */
function countdown(ms: number): string {
  if (ms <= 0) return "";
  const seconds = Math.ceil(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** On a fresh server nobody can sign in yet: says where the link is. */
function SetupHint() {
  const setup = useQuery(setupStateQuery);
  useEffect(() => {
    if (setup.data?.needed) document.title = "Daybook";
  }, [setup.data]);
  if (!setup.data?.needed) return null;
  return (
    <p className="notice">
      Nobody has an account here yet. Open the setup link that the server printed when it started; start it again for a
      new one.
    </p>
  );
}
