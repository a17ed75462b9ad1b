import type { DisplayChoices, NewView, SavedView, ViewChange } from "@daybook/contract";
import { queryOptions } from "@tanstack/react-query";
import { Preference } from "../lib/preference.ts";
import { request } from "./request.ts";

/** One's own saved views and the shared ones, by name. The list of the last time stands until it is read, so that the sidebar does not
 *  jump. */
export function viewsQuery(workspace: string) {
  const last = lastList(workspace);
  return queryOptions({
    queryKey: ["views", workspace],
    staleTime: 60_000,
    initialData: () => (last.get() === "" ? undefined : (JSON.parse(last.get()) as SavedView[])),
    initialDataUpdatedAt: 0,
    queryFn: async ({ signal }) => {
      const { items } = await request<{ items: SavedView[] }>("/views", { workspace, signal });
      last.set(JSON.stringify(items));
      return items;
    },
  });
}

const lastLists = new Map<string, Preference<string>>();

function lastList(workspace: string): Preference<string> {
  const known = lastLists.get(workspace) ?? new Preference<string>(`views.${workspace}`, "");
  lastLists.set(workspace, known);
  return known;
}

export function createView(workspace: string, view: NewView): Promise<SavedView> {
  return request("/views", { method: "POST", workspace, body: view });
}

export function updateView(workspace: string, id: string, change: ViewChange): Promise<SavedView> {
  return request(`/views/${id}`, { method: "PATCH", workspace, body: change });
}

export function deleteView(workspace: string, id: string): Promise<void> {
  return request(`/views/${id}`, { method: "DELETE", workspace });
}

/** How the person likes the console, as it is kept with them. */
export function readDisplay(): Promise<DisplayChoices> {
  return request("/me/display");
}

export function keepDisplay(choices: DisplayChoices): Promise<DisplayChoices> {
  return request("/me/display", { method: "PUT", body: choices });
}
