import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { deleteRole, type RoleListing, rolesQuery } from "../../api/team.ts";
import { PlainScreen } from "../../frame/screen-header.tsx";
import { useMay } from "../../lib/may.ts";
import { Confirm } from "../../ui/confirm.tsx";
import { Failure, ReadOnly, Skeleton } from "../../ui/states.tsx";
import { RoleForm } from "./role-form.tsx";
import "./roles.css";

/** The roles of a workspace: those that every workspace has, and its own. */
export function Roles() {
  const { workspace } = useParams({ from: "/w/$workspace" });
  const may = useMay("roles.manage");
  const roles = useQuery(rolesQuery(workspace));
  const client = useQueryClient();
  const [editing, setEditing] = useState<RoleListing | "new" | null>(null);
  const changed = () => client.invalidateQueries({ queryKey: rolesQuery(workspace).queryKey });
  const remove = useMutation({ mutationFn: (name: string) => deleteRole(workspace, name), onSettled: changed });
  const saved = () => {
    setEditing(null);
    void changed();
  };
  const make = (
    <button type="button" className="btn primary" onClick={() => setEditing("new")}>
      New role
    </button>
  );
  return (
    <PlainScreen name="Roles" actions={may && roles.isSuccess ? make : null}>
      {editing ? (
        <RoleForm
          key={editing === "new" ? "" : editing.name}
          workspace={workspace}
          role={editing === "new" ? undefined : editing}
          onSaved={saved}
          onCancel={() => setEditing(null)}
        />
      ) : null}
      {remove.error ? (
        <p className="notice bad" role="alert">
          {remove.error.message}
        </p>
      ) : null}
      {roles.data && !may ? <ReadOnly what="the roles" /> : null}
      {roles.isPending ? <Skeleton lines={6} label="Reading the roles" /> : null}
      {roles.isError ? <Failure error={roles.error} retry={() => void roles.refetch()} /> : null}
      {roles.data ? (
        <ul className="list roles" aria-label="Roles">
          {roles.data.items.map((role) => (
            <RoleLine
              key={role.name}
              role={role}
              may={may}
              onEdit={() => setEditing(role)}
              onRemove={() => remove.mutate(role.name)}
            />
          ))}
        </ul>
      ) : null}
    </PlainScreen>
  );
}

const shippedWords: Record<string, string> = {
  owner: "May do everything.",
  administrator: "Everything but making workspaces.",
  auditor: "Reads everything, changes nothing.",
  support: "Reads, without personal fields.",
  billing: "Reads what concerns money.",
};

interface RoleLineProps {
  role: RoleListing;
  may: boolean;
  onEdit: () => void;
  onRemove: () => void;
}

function RoleLine({ role, may, onEdit, onRemove }: RoleLineProps) {
  return (
    <li>
      <div>
        <b>{role.name}</b> {role.shipped ? null : <span className="pill own">of this workspace</span>}
        <div className="soft">
          {shippedWords[role.name] ?? ""} {membersText(role.members)}
        </div>
        <details>
          <summary>{role.permissions.length === 1 ? "1 permission" : `${role.permissions.length} permissions`}</summary>
          <div className="scopes soft">
            {role.permissions.map((permission) => (
              <code key={permission}>{permission}</code>
            ))}
          </div>
        </details>
      </div>
      {may && !role.shipped ? (
        <div className="actions">
          <button type="button" className="btn small" aria-label={`Change ${role.name}`} onClick={onEdit}>
            Change
          </button>
          <Confirm
            name="Delete"
            label={`Delete ${role.name}`}
            danger
            title={`Delete the role ${role.name}?`}
            act="Delete"
            onAct={onRemove}
          >
            Nobody may have it any more when it is deleted.
          </Confirm>
        </div>
      ) : null}
    </li>
  );
}

function membersText(members: number): string {
  if (members === 0) return "Nobody has it.";
  return members === 1 ? "One person has it." : `${members} people have it.`;
}
