import type { DomainCheck } from "@daybook/contract";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { domainQuery } from "../../api/mail-settings.ts";
import { CopyBlock } from "../../ui/copy-button.tsx";
import { Field } from "../../ui/field.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Failure, Skeleton } from "../../ui/states.tsx";

/** Whether the DNS of the sender's domain says that our mails are its mails. */
export function DomainSection({ workspace, sender }: { workspace: string; sender: string }) {
  const own = sender.slice(sender.lastIndexOf("@") + 1);
  const [typed, setTyped] = useState<string | null>(null);
  const [asked, setAsked] = useState("");
  const domain = (typed ?? own).trim().toLowerCase();
  const check = useQuery({ ...domainQuery(workspace, asked), enabled: asked !== "" });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (domain === asked) void check.refetch();
    else setAsked(domain);
  };
  return (
    <section aria-labelledby="domain">
      <h2 id="domain">The sender's domain</h2>
      <p>
        Others believe a mail if the DNS of its sender's domain vouches for it: SPF names the mail servers, DKIM the key
        of the signature, DMARC what to do with the rest.
      </p>
      <form className="test-form" onSubmit={submit}>
        <Field
          label="Domain"
          required
          value={typed ?? own}
          placeholder="example.com"
          spellCheck={false}
          onText={setTyped}
        />
        <button type="submit" className="btn" disabled={check.isFetching}>
          {check.isFetching ? "Checking…" : "Check"}
        </button>
      </form>
      {check.isError ? <Failure error={check.error} retry={() => void check.refetch()} /> : null}
      {check.isPending && asked !== "" ? <Skeleton lines={6} label="Asking the DNS" /> : null}
      {check.data ? <Checks checked={check.data} /> : null}
    </section>
  );
}

const names: Record<DomainCheck["checks"][number]["kind"], string> = {
  mx: "MX",
  spf: "SPF",
  dkim: "DKIM",
  dmarc: "DMARC",
};

function Checks({ checked }: { checked: DomainCheck }) {
  return (
    <ul className="list domain-checks" aria-label={`What the DNS says of ${checked.domain}`}>
      {checked.checks.map(({ kind, ok, name, found, what, publish }) => (
        <li key={`${kind} ${name}`} data-check={kind} data-ok={ok}>
          <div>
            <p className="domain-check">
              <span className={ok ? "ok" : "bad"}>
                <Icon name={ok ? "check" : "warning"} size={14} />
                <span className="only-read">{ok ? "in order" : "to do"}: </span>
              </span>
              <b>{names[kind]}</b> <span>{what}</span>
            </p>
            {found.length > 0 ? (
              <details className="record">
                <summary>Found at {name}</summary>
                {found.map((record) => (
                  <code key={record} className="found-record">
                    {record}
                  </code>
                ))}
              </details>
            ) : null}
            {publish ? (
              <div className="to-publish">
                <p className="soft">Publish:</p>
                <CopyBlock label={`${names[kind]} record to publish`} text={publish} />
              </div>
            ) : null}
          </div>
        </li>
      ))}
    </ul>
  );
}
