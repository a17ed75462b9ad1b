import { AppError } from "@daybook/contract";
import type { Querier } from "./staff-store.ts";

export interface Workspace {
  id: number;
  slug: string;
  name: string;
}

/** The workspace with this slug, or the first one when none is named. Throws `not_found` with the slugs there are. */
export async function findWorkspace(db: Querier, slug?: string): Promise<Workspace> {
  const all = (await db.query<Workspace>("select id, slug, name from workspace order by id")).rows;
  const found = slug === undefined ? all[0] : all.find((workspace) => workspace.slug === slug);
  if (found) return found;
  throw new AppError(
    "not_found",
    `There is no workspace ${slug ?? ""}. There are: ${all.map((workspace) => workspace.slug).join(", ")}.`,
  );
}
