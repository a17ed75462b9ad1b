import type { Branding, OriginTest, Settings, SettingsChange } from "@daybook/contract";
import { queryOptions } from "@tanstack/react-query";
import { request } from "./request.ts";

export function settingsQuery(workspace: string) {
  return queryOptions({
    queryKey: ["settings", workspace],
    queryFn: ({ signal }) => request<Settings>("/settings", { workspace, signal }),
  });
}

export function changeSettings(workspace: string, change: SettingsChange): Promise<Settings> {
  return request("/settings", { method: "PATCH", workspace, body: change });
}

/** Asked anew each time: it is about the request itself. */
export function testOrigin(workspace: string): Promise<OriginTest> {
  return request("/settings/origin-test", { workspace });
}

export function brandingQuery(workspace: string) {
  return queryOptions({
    queryKey: ["branding", workspace],
    staleTime: 5 * 60_000,
    queryFn: ({ signal }) => request<Branding>("/branding", { workspace, signal }),
  });
}
