import type { Schedule, ScheduleInput, SchedulePreview, ScheduleRun, UpcomingRun } from "@daybook/contract";
import { queryOptions } from "@tanstack/react-query";
import type { Total } from "./events.ts";
import { request } from "./request.ts";

/** How often schedules are asked for anew: states change by the clock, not only by what is done. */
const EVERY_MS = 5_000;
/** A list of more than one page is asked for less often. */
const LONG_LIST_EVERY_MS = 30_000;
const PAGE_ITEMS = 500;

const pathOf = (name: string) => `/schedules/${encodeURIComponent(name)}`;

interface SchedulePage {
  items: Schedule[];
  nextCursor: string | null;
}

/** All schedules, page after page. */
export function schedulesQuery(workspace: string) {
  return queryOptions({
    queryKey: ["schedules", workspace],
    queryFn: async ({ signal }): Promise<Schedule[]> => {
      const all: Schedule[] = [];
      let cursor: string | null = "";
      while (cursor !== null) {
        const words: URLSearchParams = new URLSearchParams({ limit: String(PAGE_ITEMS), ...(cursor && { cursor }) });
        const page: SchedulePage = await request(`/schedules?${words}`, { workspace, signal });
        all.push(...page.items);
        cursor = page.nextCursor;
      }
      return all;
    },
    refetchInterval: ({ state }) => ((state.data?.length ?? 0) > PAGE_ITEMS ? LONG_LIST_EVERY_MS : EVERY_MS),
  });
}

export function scheduleQuery(workspace: string, name: string) {
  return queryOptions({
    queryKey: ["schedule", workspace, name],
    queryFn: ({ signal }) => request<Schedule>(pathOf(name), { workspace, signal }),
    refetchInterval: EVERY_MS,
  });
}

/** Its last runs with their output, the newest first. */
export function runsQuery(workspace: string, name: string, limit: number) {
  return queryOptions({
    queryKey: ["schedule-runs", workspace, name, limit],
    queryFn: async ({ signal }) =>
      (await request<{ items: ScheduleRun[] }>(`${pathOf(name)}/runs?limit=${limit}`, { workspace, signal })).items,
    refetchInterval: EVERY_MS,
    placeholderData: (before, query) => (query?.queryKey[2] === name ? before : undefined),
  });
}

/** When schedules will run in the hours to come, house-keeping left out; of very many only the soonest. */
export function upcomingQuery(workspace: string, hours: number) {
  return queryOptions({
    queryKey: ["upcoming-runs", workspace, hours],
    queryFn: ({ signal }) =>
      request<{ items: UpcomingRun[]; total: Total }>(`/schedules/upcoming?hours=${hours}&builtin=false`, {
        workspace,
        signal,
      }),
    refetchInterval: 60_000,
  });
}

/** A cron expression in words, and the next times it means. */
export function previewQuery(workspace: string, cron: string, timeZone: string) {
  return queryOptions({
    queryKey: ["cron-preview", workspace, cron, timeZone],
    queryFn: ({ signal }) =>
      request<SchedulePreview>(`/schedules/preview?${new URLSearchParams({ cron, timeZone })}`, { workspace, signal }),
    placeholderData: (before) => before,
  });
}

export function saveSchedule(workspace: string, name: string, schedule: ScheduleInput): Promise<Schedule> {
  return request(pathOf(name), { method: "PUT", workspace, body: schedule });
}

export function pauseSchedule(workspace: string, name: string, paused: boolean): Promise<Schedule> {
  return request(pathOf(name), { method: "PATCH", workspace, body: { paused } });
}

export function removeSchedule(workspace: string, name: string): Promise<void> {
  return request(pathOf(name), { method: "DELETE", workspace });
}

/** Runs it once, now; its times stay as they are. */
export function runSchedule(workspace: string, name: string): Promise<ScheduleRun> {
  return request(`${pathOf(name)}/runs`, { method: "POST", workspace });
}
