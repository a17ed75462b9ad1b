import {
  type MailAddressPage,
  type MailContent,
  type MailDetail,
  type MailFilter,
  type MailMessage,
  type MailStats,
  type MailStatus,
  mailStatuses,
} from "@daybook/contract";
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { Total } from "./events.ts";
import { request } from "./request.ts";

/** Rows of the first page: enough for a tall screen. Later pages are longer, for whoever scrolls far. */
const FIRST_PAGE_ROWS = 100;
const NEXT_PAGE_ROWS = 300;

/** What is asked of the mails. */
export interface MailQuestion {
  workspace: string;
  filter: MailFilter;
}

export interface MailPage {
  items: MailMessage[];
  nextCursor: string | null;
  total: Total;
}

export type MailCounts = Record<MailStatus, Total>;

function filterText(filter: MailFilter, more: Record<string, string | number | undefined> = {}): string {
  const words = new URLSearchParams();
  for (const [key, value] of Object.entries({ ...filter, ...more }))
    if (value !== undefined && value !== "") words.set(key, String(value));
  return words.toString();
}

const mailPath = (id: string) => `/mail/messages/${encodeURIComponent(id)}`;

/** Pages of the table, the newest first. They never go stale by themselves: what is new is asked for apart. */
export function mailsQuery({ workspace, filter }: MailQuestion) {
  return infiniteQueryOptions({
    queryKey: ["mails", workspace, filterText(filter)],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      request<MailPage>(
        `/mail/messages?${filterText(filter, {
          limit: pageParam === "" ? FIRST_PAGE_ROWS : NEXT_PAGE_ROWS,
          cursor: pageParam || undefined,
        })}`,
        { workspace, signal },
      ),
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: (before, query) => (query?.queryKey[1] === workspace ? before : undefined),
    staleTime: Number.POSITIVE_INFINITY,
    // Going back asks anew: rows kept from before would hide what has happened since.
    gcTime: 0,
    structuralSharing: false,
  });
}

export interface MailNews {
  /** The newest that the filter finds. */
  found: MailMessage[];
  /** The newest of any status: a row of the table that moves on is to be told of. */
  others: MailMessage[];
  /** There are older ones that the filter finds. */
  more: boolean;
}

/** The newest mails as they are now. */
export function newestMailsQuery({ workspace, filter }: MailQuestion) {
  const { status, ...others } = filter;
  return queryOptions({
    queryKey: ["mails-now", workspace, filterText(filter)],
    queryFn: async ({ signal }): Promise<MailNews> => {
      const read = (asked: MailFilter) =>
        request<MailPage>(`/mail/messages?${filterText(asked, { limit: FIRST_PAGE_ROWS })}`, { workspace, signal });
      const [found, any] = await Promise.all([read(filter), status === undefined ? undefined : read(others)]);
      return { found: found.items, others: any?.items ?? [], more: found.nextCursor !== null };
    },
    gcTime: 0,
    structuralSharing: false,
  });
}

/** How many mails of each status a filter finds, its own statuses left out. */
export function mailCountsQuery({ workspace, filter }: MailQuestion) {
  const { status: _, ...others } = filter;
  return queryOptions({
    queryKey: ["mail-counts", workspace, filterText(others)],
    queryFn: async ({ signal }): Promise<MailCounts> => {
      const totalOf = async (status: MailStatus) => {
        const page = await request<MailPage>(`/mail/messages?${filterText({ ...others, status }, { limit: 1 })}`, {
          workspace,
          signal,
        });
        return [status, page.total] as const;
      };
      return Object.fromEntries(await Promise.all(mailStatuses.map(totalOf))) as MailCounts;
    },
    placeholderData: (before, query) => (query?.queryKey[1] === workspace ? before : undefined),
  });
}

export function mailStatsQuery({ workspace, filter }: MailQuestion, buckets: number) {
  const { to, template, address } = filter;
  const from = filter.from ?? lastYear(to);
  const domain = address?.startsWith("@") ? address.slice(1) : undefined;
  const words = filterText({ from, ...(to && { to }), ...(template && { template }) }, { domain, buckets });
  return queryOptions({
    queryKey: ["mail-stats", workspace, words],
    queryFn: ({ signal }) => request<MailStats>(`/mail/stats?${words}`, { workspace, signal }),
    placeholderData: (before, query) => (query?.queryKey[1] === workspace ? before : undefined),
  });
}

/** All time is shown by its last year: bars of many years say nothing of today. On a whole day, so that it is asked for once. */
function lastYear(to: string | undefined): string {
  const endMs = to === undefined ? Date.now() : Date.parse(to);
  return `${new Date(endMs - 365 * 86_400_000).toISOString().slice(0, 10)}T00:00:00.000Z`;
}

/** One mail in full, without what it said. */
export function mailQuery(workspace: string, id: string) {
  return queryOptions({
    queryKey: ["mail", workspace, id],
    queryFn: ({ signal }) => request<MailDetail>(mailPath(id), { workspace, signal }),
  });
}

/** What a mail said. Reading it goes on record, so it is read once and kept. */
export function mailContentQuery(workspace: string, id: string) {
  return queryOptions({
    queryKey: ["mail-content", workspace, id],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => request<MailContent>(`${mailPath(id)}/content`, { workspace, signal }),
  });
}

/** Where the source of a mail is, as a file. */
export function mailSourceUrl(workspace: string, id: string): string {
  return `/api/v1${mailPath(id)}/source?${new URLSearchParams({ workspace })}`;
}

export type MailFileFormat = "csv" | "json" | "ndjson";

/** Where all that a filter finds is, as a file. */
export function mailExportUrl({ workspace, filter }: MailQuestion, format: MailFileFormat): string {
  return `/api/v1/mail/messages/export?${filterText(filter, { format, workspace })}`;
}

/** Sends a mail once more, as a new one. */
export function resendMail(workspace: string, id: string, to: string | undefined): Promise<MailMessage> {
  return request(`${mailPath(id)}/resends`, { method: "POST", workspace, body: to === undefined ? {} : { to } });
}

/** Everything about one address. */
export function mailAddressQuery(workspace: string, address: string) {
  return queryOptions({
    queryKey: ["mail-address", workspace, address.toLowerCase()],
    queryFn: ({ signal }) =>
      request<MailAddressPage>(`/mail/addresses/${encodeURIComponent(address)}`, { workspace, signal }),
  });
}
