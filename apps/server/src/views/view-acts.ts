import { AppError, type Change, type NewView, parseQuery, type SavedView, type ViewChange } from "@daybook/contract";
import type { Access } from "../access/access.ts";
import { type AccessDeps, accessEvent, type RequestOrigin } from "../access/access-events.ts";
import { createView, deleteView, findView, updateView, type ViewReader } from "./view-store.ts";

/** Somebody who is signed in and works with views. */
export interface ViewKeeper {
  access: Access;
  origin: RequestOrigin;
  /** Whether they may share views, and change those that others shared. */
  shares: boolean;
}

/** Saves a view; that of a shared one is recorded. Throws `forbidden`, `conflict`, and `invalid_query` for a query that is none. */
export async function saveView(deps: AccessDeps, keeper: ViewKeeper, wanted: NewView): Promise<SavedView> {
  parseQuery(wanted.search.q ?? "");
  if (wanted.shared) checkShares(keeper);
  const reader = readerOf(keeper.access);
  const id = await createView(deps.db, reader, wanted, deps.clock());
  const view = await findView(deps.db, reader, id);
  if (view.shared) await record(deps, keeper, "log.view.saved", view);
  return view;
}

/** Changes a view of one's own, or a shared one. What everybody sees is recorded, old and new. Throws `not_found`, `forbidden`,
 *  `conflict`, `invalid_query`. */
export async function changeView(
  deps: AccessDeps,
  keeper: ViewKeeper,
  id: string,
  change: ViewChange,
): Promise<SavedView> {
  parseQuery(change.search?.q ?? "");
  const reader = readerOf(keeper.access);
  const before = await findView(deps.db, reader, id);
  if (before.shared || change.shared) checkShares(keeper);
  if (change.shared === false && !before.own)
    throw new AppError("forbidden", `Only ${before.savedBy}, who saved this view, can make it private again.`);
  await updateView(deps.db, reader.workspaceId, id, change, deps.clock());
  const after = await findView(deps.db, reader, id);
  const changes = changesOf(before, after);
  if ((before.shared || after.shared) && changes.length > 0)
    await record(deps, keeper, "log.view.updated", after, changes);
  return after;
}

/** Deletes a view of one's own, or a shared one; that of a shared one is recorded. Throws `not_found` and `forbidden`. */
export async function dropView(deps: AccessDeps, keeper: ViewKeeper, id: string): Promise<void> {
  const reader = readerOf(keeper.access);
  const view = await findView(deps.db, reader, id);
  if (view.shared) checkShares(keeper);
  await deleteView(deps.db, reader.workspaceId, id);
  if (view.shared) await record(deps, keeper, "log.view.deleted", view);
}

export function readerOf(access: Access): ViewReader {
  return { workspaceId: access.workspaceId, staffId: access.id };
}

function checkShares(keeper: ViewKeeper): void {
  if (keeper.shares) return;
  const detail =
    "Your role in this workspace does not have the permission views.share. Views of your own you may save.";
  throw new AppError("forbidden", detail, { extra: { permission: "views.share" } });
}

function changesOf(before: SavedView, after: SavedView): Change[] {
  const shown = ({ name, shared, search }: SavedView) => ({ name, shared, ...search });
  const [old, next]: Record<string, unknown>[] = [shown(before), shown(after)];
  return [...new Set([...Object.keys(old ?? {}), ...Object.keys(next ?? {})])].flatMap((field): Change[] => {
    const change = { old: old?.[field] ?? null, new: next?.[field] ?? null } as Pick<Change, "old" | "new">;
    return JSON.stringify(change.old) === JSON.stringify(change.new) ? [] : [{ field, ...change }];
  });
}

async function record(
  deps: AccessDeps,
  { access, origin }: ViewKeeper,
  action: string,
  view: SavedView,
  changes?: Change[],
): Promise<void> {
  const targets = [{ type: "view", id: view.id, name: view.name }];
  const details = { screen: view.screen, ...(view.search.q ? { query: view.search.q } : {}) };
  const event = accessEvent(access, origin, { action, targets, details, ...(changes ? { changes } : {}) });
  await deps.record.write(access.workspaceId, [event]);
}
