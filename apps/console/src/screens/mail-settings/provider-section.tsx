import type { MailProvider, MailProviderState } from "@daybook/contract";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { deleteProvider, providersQuery, saveProvider } from "../../api/mail-settings.ts";
import { Confirm } from "../../ui/confirm.tsx";
import { CopyBlock } from "../../ui/copy-button.tsx";
import { Field } from "../../ui/field.tsx";
import { Failure, Skeleton } from "../../ui/states.tsx";
import { Ago } from "../../ui/time.tsx";

/** What is to be entered for each, in the provider's own words. */
const providers: Record<MailProvider, { name: string; secret: string }> = {
  postmark: { name: "Postmark", secret: "The user name and password of the webhook's Basic auth, as user:password" },
  ses: { name: "Amazon SES (SNS)", secret: "The ARN of the SNS topic" },
  mailgun: { name: "Mailgun", secret: "The HTTP webhook signing key" },
  sendgrid: { name: "SendGrid", secret: "The verification key of the signed event webhook" },
  resend: { name: "Resend", secret: "The signing secret, whsec_…" },
};

interface ProviderSectionProps {
  workspace: string;
  may: boolean;
}

/** Who tells what became of a mail after a mail server took it: delivered, bounced, complained. */
export function ProviderSection({ workspace, may }: ProviderSectionProps) {
  const read = useQuery(providersQuery(workspace));
  return (
    <section aria-labelledby="providers">
      <h2 id="providers">Reports of providers</h2>
      <p>
        A mail server that takes a mail says nothing of what comes later. A provider tells it by webhook: enter the
        address there, and here what it signs with.
      </p>
      {read.isPending ? <Skeleton lines={5} label="Reading the providers" /> : null}
      {read.isError ? <Failure error={read.error} retry={() => void read.refetch()} /> : null}
      {read.data ? (
        <ul className="list providers" aria-label="Providers">
          {read.data.map((state) => (
            <Provider key={state.provider} workspace={workspace} state={state} may={may} />
          ))}
        </ul>
      ) : null}
    </section>
  );
}

function Provider({ workspace, state, may }: { workspace: string; state: MailProviderState; may: boolean }) {
  const { provider, set, url, lastAt, lastFault } = state;
  const { name } = providers[provider];
  const [open, setOpen] = useState(false);
  return (
    <li data-provider={provider}>
      <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <b>{name}</b>
          <span className={set ? "ok" : "faint"}>{set ? "set up" : "not set up"}</span>
          {lastAt ? (
            <span className="faint">
              last report <Ago at={lastAt} />
            </span>
          ) : null}
          {lastFault ? <span className="fault">{lastFault}</span> : null}
        </summary>
        <div className="provider">
          <p className="soft">The address of the webhook:</p>
          <CopyBlock label={`Address of the webhook for ${name}`} text={url} />
          {may ? <Secret workspace={workspace} state={state} /> : null}
        </div>
      </details>
    </li>
  );
}

/** What it signs with: written, changed or taken out, never shown. */
function Secret({ workspace, state: { provider, set } }: { workspace: string; state: MailProviderState }) {
  const { name, secret: what } = providers[provider];
  const client = useQueryClient();
  const [secret, setSecret] = useState("");
  const onSettled = () => client.invalidateQueries({ queryKey: providersQuery(workspace).queryKey });
  const save = useMutation({
    mutationFn: () => saveProvider(workspace, provider, secret),
    onSuccess: () => setSecret(""),
    onSettled,
  });
  const remove = useMutation({ mutationFn: () => deleteProvider(workspace, provider), onSettled });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const fault = save.error ?? remove.error;
  return (
    <>
      <form className="test-form" onSubmit={submit}>
        <Field
          label={what}
          type="password"
          required
          minLength={8}
          value={secret}
          autoComplete="new-password"
          onText={setSecret}
          hint={
            set ? "One is kept, and never shown. A new one takes its place." : "Kept encrypted, and never shown again."
          }
        />
        <button type="submit" className="btn primary" disabled={save.isPending}>
          Save
        </button>
        {set ? (
          <Confirm
            name="Take it out"
            label={`Take out ${name}`}
            danger
            title={`Take no more reports of ${name}?`}
            act="Take it out"
            onAct={() => remove.mutate()}
          >
            Its reports are refused from then on; mails stay as they were reported last.
          </Confirm>
        ) : null}
      </form>
      <span role="status" className="soft">
        {save.isSuccess ? "Saved. Its reports are taken from now on." : ""}
      </span>
      {fault ? (
        <p className="fault" role="alert">
          {fault.message}
        </p>
      ) : null}
    </>
  );
}
