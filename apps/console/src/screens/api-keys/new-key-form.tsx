import { accessLimits, type MintedKey, type Scope } from "@daybook/contract";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { createKey, meQuery, type NewKey } from "../../api/access.ts";
import { Field } from "../../ui/field.tsx";

const scopeWords: Record<Scope, string> = {
  "events:write": "send events",
  "events:read": "search and export events",
  "log:read": "read proofs and checkpoints",
  "actions:write": "change the catalogue of actions",
  "keys:manage": "make and revoke keys",
  "staff:manage": "manage staff",
  "settings:write": "change settings",
  "viewer_tokens:create": "show customers their own events",
  "tasks:write": "report tasks, retry and cancel them, check in schedules",
  "tasks:read": "read tasks and schedules",
  "schedules:write": "change, pause and run schedules",
  "mail:send": "send mail, report mail sent elsewhere, sign in to the mail relay",
  "mail:read": "read the mail log",
  "mail:body": "open what mails said, and send them to other addresses",
};

const lifetimes = [
  { days: 0, name: "does not expire" },
  { days: 30, name: "30 days" },
  { days: 90, name: "90 days" },
  { days: 365, name: "1 year" },
];

interface NewKeyFormProps {
  workspace: string;
  onMade: (key: MintedKey) => void;
  onCancel: () => void;
}

export function NewKeyForm({ workspace, onMade, onCancel }: NewKeyFormProps) {
  const me = useQuery(meQuery);
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<readonly Scope[]>(["events:write"]);
  const [days, setDays] = useState(0);
  const make = useMutation({ mutationFn: (key: NewKey) => createKey(workspace, key), onSuccess: onMade });
  // Nobody can give a key a right that they do not have themselves.
  const own = me.data?.workspaces.find((each) => each.slug === workspace)?.scopes ?? [];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const expiresAt = new Date(Date.now() + days * 86_400_000).toISOString();
    make.mutate({ name, scopes: [...chosen], ...(days > 0 && { expiresAt }) });
  };
  return (
    <form className="new-thing" onSubmit={submit} aria-label="New API key">
      <Field
        label="Name"
        hint="What uses it, e.g. panel or node-7."
        required
        autoFocus
        maxLength={accessLimits.keyNameLengthMax}
        value={name}
        onText={setName}
      />
      <fieldset>
        <legend>It may</legend>
        {own.map((scope) => (
          <label key={scope}>
            <input
              type="checkbox"
              checked={chosen.includes(scope)}
              onChange={(event) =>
                setChosen(event.target.checked ? [...chosen, scope] : chosen.filter((each) => each !== scope))
              }
            />
            {scopeWords[scope]} <code className="faint">{scope}</code>
          </label>
        ))}
      </fieldset>
      <label className="field">
        <span>Lifetime</span>
        <select className="input" value={days} onChange={(event) => setDays(Number(event.target.value))}>
          {lifetimes.map((each) => (
            <option key={each.days} value={each.days}>
              {each.name}
            </option>
          ))}
        </select>
      </label>
      {make.error ? (
        <p className="notice bad" role="alert">
          {make.error.message}
        </p>
      ) : null}
      <div className="actions">
        <button type="submit" className="btn primary" disabled={make.isPending || chosen.length === 0}>
          Make the key
        </button>
        <button type="button" className="btn" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}
