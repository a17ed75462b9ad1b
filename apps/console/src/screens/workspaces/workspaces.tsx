import type { WorkspaceAccess } from "@daybook/contract";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { meQuery } from "../../api/access.ts";
import { createWorkspace, renameWorkspace, workspacesQuery } from "../../api/team.ts";
import { PlainScreen } from "../../frame/screen-header.tsx";
import { useMay } from "../../lib/may.ts";
import { Field } from "../../ui/field.tsx";
import { Failure, Skeleton } from "../../ui/states.tsx";
import "./workspaces.css";

/** The workspaces of the installation, strictly apart: each has its own log, people, keys and settings. */
export function Workspaces() {
  const { workspace } = useParams({ from: "/w/$workspace" });
  const may = useMay("workspaces.manage");
  const workspaces = useQuery(workspacesQuery(workspace));
  const client = useQueryClient();
  const [making, setMaking] = useState(false);
  const changed = async () => {
    setMaking(false);
    await Promise.all([
      client.invalidateQueries({ queryKey: workspacesQuery(workspace).queryKey }),
      client.invalidateQueries({ queryKey: meQuery.queryKey }),
    ]);
  };
  const make = (
    <button type="button" className="btn primary" onClick={() => setMaking(true)}>
      New workspace
    </button>
  );
  return (
    <PlainScreen name="Workspaces" actions={may && workspaces.isSuccess ? make : null}>
      {making ? <NewWorkspace workspace={workspace} onMade={changed} onCancel={() => setMaking(false)} /> : null}
      {workspaces.isPending ? <Skeleton lines={4} label="Reading the workspaces" /> : null}
      {workspaces.isError ? <Failure error={workspaces.error} retry={() => void workspaces.refetch()} /> : null}
      {workspaces.data ? (
        <ul className="list" aria-label="Workspaces">
          {workspaces.data.items.map((each) => (
            <WorkspaceLine key={each.slug} open={workspace} listing={each} onRenamed={changed} />
          ))}
        </ul>
      ) : null}
    </PlainScreen>
  );
}

interface WorkspaceLineProps {
  open: string;
  listing: WorkspaceAccess;
  onRenamed: () => Promise<void>;
}

function WorkspaceLine({ open, listing, onRenamed }: WorkspaceLineProps) {
  const [name, setName] = useState<string | null>(null);
  const rename = useMutation({
    mutationFn: (to: string) => renameWorkspace(listing.slug, to),
    onSuccess: async () => {
      setName(null);
      await onRenamed();
    },
  });
  if (name !== null) {
    const submit = (event: FormEvent) => {
      event.preventDefault();
      rename.mutate(name);
    };
    return (
      <li>
        <form className="rename" onSubmit={submit} aria-label={`Rename ${listing.name}`}>
          <Field
            label="Name"
            required
            autoFocus
            maxLength={100}
            value={name}
            onText={setName}
            fault={rename.error?.message}
          />
          <div className="actions">
            <button type="submit" className="btn primary" disabled={rename.isPending}>
              Rename
            </button>
            <button type="button" className="btn" onClick={() => setName(null)}>
              Cancel
            </button>
          </div>
        </form>
      </li>
    );
  }
  return (
    <li>
      <div>
        <Link to="/w/$workspace/activity" params={{ workspace: listing.slug }} search={{}}>
          <b>{listing.name}</b>
        </Link>{" "}
        {listing.slug === open ? <span className="pill current">this one</span> : null}
        <div className="soft">
          <code>{listing.slug}</code>
          {` · you are ${listing.role}`}
        </div>
      </div>
      {listing.permissions.includes("workspaces.manage") ? (
        <button
          type="button"
          className="btn small"
          aria-label={`Rename ${listing.name}`}
          onClick={() => setName(listing.name)}
        >
          Rename
        </button>
      ) : null}
    </li>
  );
}

interface NewWorkspaceProps {
  workspace: string;
  onMade: () => Promise<void>;
  onCancel: () => void;
}

function NewWorkspace({ workspace, onMade, onCancel }: NewWorkspaceProps) {
  const [name, setName] = useState("");
  const [slug, setSlug] = useState<string | null>(null);
  const made = slug ?? slugOf(name);
  const make = useMutation({ mutationFn: () => createWorkspace(workspace, { name, slug: made }), onSuccess: onMade });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <form className="new-thing" onSubmit={submit} aria-label="New workspace">
      <Field
        label="Name"
        hint="A brand or a panel, e.g. Acme Cloud."
        required
        autoFocus
        maxLength={100}
        value={name}
        onText={setName}
      />
      <Field
        label="Short name"
        hint="For addresses and the command line. It stands in every proof and cannot be changed."
        required
        pattern="[a-z][a-z0-9\-]{1,39}"
        value={made}
        onText={setSlug}
        fault={make.error?.message}
      />
      <div className="actions">
        <button type="submit" className="btn primary" disabled={make.isPending}>
          Make the workspace
        </button>
        <button type="button" className="btn" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}

/** `Acme Cloud` as `acme-cloud`. */
function slugOf(name: string): string {
  return name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+/, "")
    .slice(0, 40)
    .replace(/-+$/, "");
}
