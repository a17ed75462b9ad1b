import { type NewView, viewLimits } from "@daybook/contract";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { createView, viewsQuery } from "../../../api/views.ts";
import { useMay } from "../../../lib/may.ts";
import { Field } from "../../../ui/field.tsx";
import { Modal } from "../../../ui/modal.tsx";
import { useLogView } from "../view.ts";
import { viewSearchOf } from "./view-link.ts";

interface SaveDialogProps {
  /** The columns on the screen, when they are not its own. */
  columns: readonly string[] | null;
  onClose: () => void;
}

/** Names what the screen shows and keeps it, for oneself or for everybody in the workspace. */
export function SaveDialog({ columns, onClose }: SaveDialogProps) {
  const { lens, workspace, search, change } = useLogView();
  const client = useQueryClient();
  const mayShare = useMay("views.share");
  const open = useQuery(viewsQuery(workspace)).data?.find((view) => view.id === search.view);
  const [name, setName] = useState(open ? `${open.name}, changed` : "");
  const [shared, setShared] = useState(false);
  const save = useMutation({
    mutationFn: (view: NewView) => createView(workspace, view),
    onSuccess: async (view) => {
      await client.invalidateQueries({ queryKey: ["views", workspace] });
      change({ view: view.id, columns: view.search.columns?.join() }, { replace: true });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ name, screen: lens.screen, search: viewSearchOf(search, columns), shared });
  };
  return (
    <Modal label="Save this view" onClose={onClose}>
      <form onSubmit={submit} className="save-view">
        <h2>Save this view</h2>
        <p className="soft">
          It keeps the search, the range, the order and the columns of {lens.title}. A range such as the last 7 days
          goes on ending now.
        </p>
        <Field
          label="Name"
          required
          autoFocus
          maxLength={viewLimits.nameLengthMax}
          placeholder="Failed sign-ins of staff"
          value={name}
          onText={setName}
          fault={save.error?.message}
        />
        <label className="check">
          <input type="checkbox" checked={shared} disabled={!mayShare} onChange={(e) => setShared(e.target.checked)} />
          Share it with everybody in this workspace
        </label>
        {mayShare ? null : <p className="faint">Your role may not share views.</p>}
        <div className="actions">
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn primary" disabled={save.isPending || name.trim() === ""}>
            Save
          </button>
        </div>
      </form>
    </Modal>
  );
}
