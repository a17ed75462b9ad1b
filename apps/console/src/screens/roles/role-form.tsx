import { type Permission, permissions, withImplied } from "@daybook/contract";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { meQuery } from "../../api/access.ts";
import { type RoleListing, saveRole } from "../../api/team.ts";
import { Field } from "../../ui/field.tsx";

interface RoleFormProps {
  workspace: string;
  /** Undefined: a new one. */
  role: RoleListing | undefined;
  onSaved: () => void;
  onCancel: () => void;
}

const groups: { title: string; of: RegExp }[] = [
  { title: "The record", of: /^(logs|proofs|views)\./ },
  { title: "Writing", of: /^(events|actions|viewer_tokens)\./ },
  { title: "Managing", of: /^(keys|staff|roles|workspaces|settings)\./ },
  { title: "Tasks, mail and rules", of: /^(tasks|schedules|mail|rules)\./ },
];

/** A role made of permissions. Nobody can give more than they have. */
export function RoleForm({ workspace, role, onSaved, onCancel }: RoleFormProps) {
  const me = useQuery(meQuery);
  const held = me.data?.workspaces.find((each) => each.slug === workspace)?.permissions ?? [];
  const [name, setName] = useState(role?.name ?? "");
  const [chosen, setChosen] = useState<readonly Permission[]>(role?.permissions ?? ["logs.read"]);
  const save = useMutation({
    mutationFn: () => saveRole(workspace, name, [...chosen]),
    onSuccess: onSaved,
  });
  const others = (permission: Permission) => chosen.filter((each) => each !== permission);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form className="new-thing" onSubmit={submit} aria-label={role ? `Change ${role.name}` : "New role"}>
      <Field
        label="Name"
        hint="Small letters, digits and hyphens, e.g. night-shift."
        required
        autoFocus={!role}
        disabled={role !== undefined}
        pattern="[a-z][a-z0-9\-]{1,39}"
        autoComplete="off"
        value={name}
        onText={setName}
      />
      <div className="permission-groups">
        {groups.map((group) => (
          <fieldset key={group.title}>
            <legend>{group.title}</legend>
            {(Object.keys(permissions) as Permission[])
              .filter((permission) => group.of.test(permission))
              .map((permission) => (
                <label key={permission}>
                  <input
                    type="checkbox"
                    checked={withImplied(chosen).includes(permission)}
                    disabled={!held.includes(permission) || withImplied(others(permission)).includes(permission)}
                    onChange={(event) => setChosen(event.target.checked ? [...chosen, permission] : others(permission))}
                  />
                  <span>
                    {permissions[permission]} <code className="faint">{permission}</code>
                  </span>
                </label>
              ))}
          </fieldset>
        ))}
      </div>
      {save.error ? (
        <p className="notice bad" role="alert">
          {save.error.message}
        </p>
      ) : null}
      <div className="actions">
        <button type="submit" className="btn primary" disabled={save.isPending || chosen.length === 0}>
          {role ? "Save the role" : "Make the role"}
        </button>
        <button type="button" className="btn" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}
