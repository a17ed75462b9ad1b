import { AppError, type NewView, type SavedView, type ViewChange, viewLimits } from "@daybook/contract";
import type { Querier } from "../access/staff-store.ts";
import { newId } from "../record/event-id.ts";

/** Whose views, and in which workspace. */
export interface ViewReader {
  workspaceId: number;
  staffId: string;
}

interface ViewRow {
  id: string;
  name: string;
  screen: SavedView["screen"];
  search: SavedView["search"];
  shared: boolean;
  own: boolean;
  saved_by: string;
  created_at: Date;
  updated_at: Date;
}

const viewSelect = `select view.id, view.name, screen, search, shared, staff_id = $2 as own,
    coalesce(nullif(staff.name, ''), staff.email) as saved_by, view.created_at, view.updated_at
  from saved_view as view join staff on staff.id = view.staff_id`;

/** A person's own views and those shared with everybody in the workspace, by name. */
export async function listViews(db: Querier, reader: ViewReader): Promise<SavedView[]> {
  const { rows } = await db.query<ViewRow>(
    `${viewSelect} where view.workspace_id = $1 and (staff_id = $2 or shared) order by lower(view.name), view.id`,
    [reader.workspaceId, reader.staffId],
  );
  return rows.map(toView);
}

/** A view that the reader may see. Throws `not_found`, for another person's private view too. */
export async function findView(db: Querier, reader: ViewReader, id: string): Promise<SavedView> {
  const { rows } = await db.query<ViewRow>(
    `${viewSelect} where view.workspace_id = $1 and (staff_id = $2 or shared) and view.id = $3`,
    [reader.workspaceId, reader.staffId, id],
  );
  if (rows[0] === undefined) throw new AppError("not_found", `There is no view ${id}.`);
  return toView(rows[0]);
}

/** Keeps a new view. Throws `conflict` for a name that the person has used, and when they have too many. */
export async function createView(db: Querier, reader: ViewReader, view: NewView, nowMs: number): Promise<string> {
  const id = newId(nowMs);
  const { rowCount } = await named(view.name, () =>
    db.query(
      `insert into saved_view (workspace_id, id, staff_id, name, screen, search, shared, created_at, updated_at)
         select $1, $2, $3, $4, $5, $6, $7, $8, $8
         where (select count(*) from saved_view where workspace_id = $1 and staff_id = $3) < $9`,
      [
        reader.workspaceId,
        id,
        reader.staffId,
        view.name,
        view.screen,
        view.search,
        view.shared,
        new Date(nowMs),
        viewLimits.viewsMax,
      ],
    ),
  );
  if (rowCount === 0)
    throw new AppError("conflict", `You have ${viewLimits.viewsMax} views. Delete one before you save another.`, {
      extra: { limit: "viewsMax", max: viewLimits.viewsMax },
    });
  return id;
}

/** Changes a view. Throws `conflict` for a name that its owner has used. */
export async function updateView(
  db: Querier,
  workspaceId: number,
  id: string,
  change: ViewChange,
  nowMs: number,
): Promise<void> {
  await named(change.name ?? "", () =>
    db.query(
      `update saved_view set name = coalesce($3, name), search = coalesce($4, search), shared = coalesce($5, shared), updated_at = $6
         where workspace_id = $1 and id = $2`,
      [workspaceId, id, change.name ?? null, change.search ?? null, change.shared ?? null, new Date(nowMs)],
    ),
  );
}

export async function deleteView(db: Querier, workspaceId: number, id: string): Promise<void> {
  await db.query("delete from saved_view where workspace_id = $1 and id = $2", [workspaceId, id]);
}

/** PostgreSQL's code for a key that is there already. */
const UNIQUE_VIOLATION = "23505";

async function named<T>(name: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if ((error as { code?: string }).code !== UNIQUE_VIOLATION) throw error;
    throw new AppError("conflict", `There is a view named ${name} already. Choose another name.`);
  }
}

function toView(row: ViewRow): SavedView {
  const { id, name, screen, search, shared, own } = row;
  return {
    id,
    name,
    screen,
    search,
    shared,
    own,
    savedBy: row.saved_by,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}
