import type { SavedView, ViewChange } from "@daybook/contract";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { deleteView, updateView, viewsQuery } from "../../../api/views.ts";
import { useMay } from "../../../lib/may.ts";
import { Icon } from "../../../ui/icon.tsx";
import { closePopup, Popup } from "../../../ui/popup.tsx";
import { useLogView } from "../view.ts";
import { isChanged, searchOfView, viewSearchOf } from "./view-link.ts";

/** The saved view that is open: its name, whether the screen still shows it, and what can be done with it. */
export function OpenView({ id }: { id: string }) {
  const { workspace, search, change } = useLogView();
  const views = useQuery(viewsQuery(workspace));
  const view = views.data?.find((each) => each.id === id);
  const mayShare = useMay("views.share");
  const acts = useViewActs(id);
  useShortLink(view);
  if (views.isPending) return <span className="open-view" />;
  if (!view) {
    return (
      <span className="open-view">
        This view is private or was deleted.
        <button type="button" className="btn small" onClick={() => change({ view: undefined }, { replace: true })}>
          Leave it
        </button>
      </span>
    );
  }
  const changed = isChanged(view, search);
  const mayChange = view.shared ? mayShare : view.own;
  return (
    <span className="open-view">
      <Icon name="bookmark" size={13} />
      <b>{view.name}</b>
      {view.shared ? <span className="faint">shared by {view.own ? "you" : view.savedBy}</span> : null}
      {changed ? <span>· changed</span> : null}
      {changed && mayChange ? (
        <button
          type="button"
          className="btn small"
          onClick={() => acts.update({ search: viewSearchOf(search, search.columns?.split(",") ?? null) })}
        >
          Update
        </button>
      ) : null}
      {changed ? (
        <button
          type="button"
          className="btn small"
          onClick={() => change({ ...emptySearch, ...searchOfView(view) }, { replace: true })}
        >
          Put back
        </button>
      ) : null}
      {mayChange ? (
        <>
          <button type="button" className="btn small" popoverTarget="view-acts" aria-haspopup="dialog">
            Edit
          </button>
          <Popup id="view-acts" label={`The view ${view.name}`} role="dialog" className="view-acts">
            <EditView view={view} mayShare={mayShare} acts={acts} />
          </Popup>
        </>
      ) : null}
    </span>
  );
}

const emptySearch = {
  q: undefined,
  range: undefined,
  from: undefined,
  to: undefined,
  order: undefined,
  columns: undefined,
};

/** An address that names a view and nothing else is completed by what the view shows. */
function useShortLink(view: SavedView | undefined): void {
  const { search, change } = useLogView();
  const short = useRef(Object.keys(search).length === 1);
  useEffect(() => {
    if (!view || !short.current) return;
    short.current = false;
    change({ ...searchOfView(view) }, { replace: true });
  }, [view, change]);
}

type ViewActs = ReturnType<typeof useViewActs>;

function useViewActs(id: string) {
  const { workspace, change } = useLogView();
  const client = useQueryClient();
  const anew = () => client.invalidateQueries({ queryKey: ["views", workspace] });
  const update = useMutation({
    mutationFn: (wanted: ViewChange) => updateView(workspace, id, wanted),
    onSuccess: anew,
  });
  const remove = useMutation({
    mutationFn: () => deleteView(workspace, id),
    onSuccess: async () => {
      change({ view: undefined }, { replace: true });
      await anew();
    },
  });
  return { update: update.mutate, remove: () => remove.mutate(), fault: update.error ?? remove.error };
}

function EditView({ view, mayShare, acts }: { view: SavedView; mayShare: boolean; acts: ViewActs }) {
  const [name, setName] = useState(view.name);
  const [shared, setShared] = useState(view.shared);
  const [deleting, setDeleting] = useState(false);
  const rename = (event: FormEvent) => {
    event.preventDefault();
    acts.update({ name }, { onSuccess: () => closePopup("view-acts") });
  };
  const share = (wanted: boolean) => {
    setShared(wanted);
    acts.update({ shared: wanted }, { onError: () => setShared(!wanted) });
  };
  return (
    <form onSubmit={rename}>
      <label className="field">
        <span>Name</span>
        <input className="input" value={name} required onChange={(event) => setName(event.target.value)} />
      </label>
      {view.own && mayShare ? (
        <label className="check">
          <input type="checkbox" checked={shared} onChange={(event) => share(event.target.checked)} />
          Shared with everybody in this workspace
        </label>
      ) : null}
      {acts.fault ? (
        <p className="fault" role="alert">
          {acts.fault.message}
        </p>
      ) : null}
      <div className="actions">
        <button type="submit" className="btn primary" disabled={name.trim() === "" || name === view.name}>
          Rename
        </button>
        <button type="button" className="btn danger" onClick={() => (deleting ? acts.remove() : setDeleting(true))}>
          {deleting ? "Yes, delete it" : "Delete"}
        </button>
      </div>
    </form>
  );
}
