import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { recoveryCodesQuery, renewRecoveryCodes } from "../../api/access.ts";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Field } from "../../ui/field.tsx";
import { Icon } from "../../ui/icon.tsx";

/** How many codes are left for the day the phone is lost, and making new ones with the password. */
export function RecoveryCodes({ onMade }: { onMade: (codes: readonly string[]) => void }) {
  const left = useQuery(recoveryCodesQuery).data?.left;
  const client = useQueryClient();
  const [asks, setAsks] = useState(false);
  const [password, setPassword] = useState("");
  const renew = useMutation({
    mutationFn: () => renewRecoveryCodes(password),
    onSuccess: ({ recoveryCodes }) => {
      onMade(recoveryCodes);
      setAsks(false);
      setPassword("");
      void client.invalidateQueries({ queryKey: recoveryCodesQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    renew.mutate();
  };
  return (
    <section aria-labelledby="recovery-codes">
      <h2 id="recovery-codes">Recovery codes</h2>
      <p>
        Each counts once instead of a code of the app, for the day your phone is lost.{" "}
        {left === undefined ? "" : left === 1 ? "One is left." : `${left} are left.`}
      </p>
      {asks ? (
        <form className="short-form" onSubmit={submit}>
          <Field
            label="Your password"
            type="password"
            autoComplete="current-password"
            required
            autoFocus
            value={password}
            onText={setPassword}
            fault={renew.error?.message}
          />
          <div className="actions">
            <button type="submit" className="btn primary" disabled={renew.isPending}>
              Make new codes
            </button>
            <button type="button" className="btn" onClick={() => setAsks(false)}>
              Cancel
            </button>
          </div>
        </form>
      ) : (
        <button type="button" className="btn" onClick={() => setAsks(true)}>
          New codes
        </button>
      )}
    </section>
  );
}

/** The codes themselves: the one time that they can be seen. */
export function CodesShown({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  const text = codes.join("\n");
  return (
    <section className="minted" aria-labelledby="new-codes">
      <h2 id="new-codes">Your recovery codes</h2>
      <p role="status">
        Keep them where you find them without your phone. They are stored only as hashes and cannot be shown again;
        earlier ones are void.
      </p>
      <ol className="codes mono">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <div className="actions">
        <CopyButton text={text}>
          <Icon name="copy" size={14} /> Copy
        </CopyButton>
        <a
          className="btn"
          download="daybook-recovery-codes.txt"
          href={`data:text/plain,${encodeURIComponent(`${text}\n`)}`}
        >
          <Icon name="download" size={14} /> Save as a file
        </a>
        <button type="button" className="btn primary" onClick={onDone}>
          I have kept them
        </button>
      </div>
    </section>
  );
}
