import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { inviteMember } from "../../api/team.ts";
import { Field } from "../../ui/field.tsx";
import type { MadeLink } from "./team.tsx";

interface InviteFormProps {
  workspace: string;
  roles: readonly string[];
  onInvited: (link: MadeLink) => void;
  onCancel: () => void;
}

export function InviteForm({ workspace, roles, onInvited, onCancel }: InviteFormProps) {
  const [email, setEmail] = useState("");
  const [name, setName] = useState("");
  const [role, setRole] = useState("support");
  const invite = useMutation({
    mutationFn: () => inviteMember(workspace, { email, name, role }),
    onSuccess: onInvited,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate();
  };
  return (
    <form className="new-thing" onSubmit={submit} aria-label="Invite somebody">
      <Field label="E-mail" type="email" required autoFocus autoComplete="off" value={email} onText={setEmail} />
      <Field label="Name" autoComplete="off" maxLength={200} value={name} onText={setName} />
      <label className="field">
        <span>Role</span>
        <select className="input" value={role} onChange={(event) => setRole(event.target.value)}>
          {roles.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </label>
      {invite.error ? (
        <p className="notice bad" role="alert">
          {invite.error.message}
        </p>
      ) : null}
      <div className="actions">
        <button type="submit" className="btn primary" disabled={invite.isPending}>
          Make the invitation
        </button>
        <button type="button" className="btn" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}
