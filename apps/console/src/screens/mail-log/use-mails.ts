import type { MailFilter, MailMessage } from "@daybook/contract";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { type MailNews, mailsQuery, newestMailsQuery } from "../../api/mail.ts";
import { LiveRows } from "../../ui/live-rows.ts";
import type { LiveStatus } from "../activity/live-feed.ts";
import type { MailView } from "./use-mail-view.ts";

/** While somebody looks, the newest mails are asked for this often. */
const NEWS_EVERY_MS = 4_000;
/** While mails change, counts and charts are asked anew at most this often. */
const COUNTS_EVERY_MS = 8_000;

/** The rows of the table: the pages that were read, kept as they are now by asking for the newest. */
export function useMails({ workspace, filter, refresh }: MailView, wantsLive: boolean) {
  const question = useMemo(() => ({ workspace, filter }), [workspace, filter]);
  const pages = useInfiniteQuery(mailsQuery(question));
  const store = useMemo(() => new LiveRows<MailMessage>(fitting(question.filter)), [question]);
  const state = useSyncExternalStore(store.subscribe, store.state);
  const settled = pages.isSuccess && !pages.isPlaceholderData;
  useEffect(() => {
    if (settled)
      store.read(
        pages.data.pages.flatMap((page) => page.items),
        pages.hasNextPage,
      );
  }, [store, settled, pages.data, pages.hasNextPage]);
  const news = useQuery({
    ...newestMailsQuery(question),
    enabled: wantsLive && settled && filter.to === undefined,
    refetchInterval: NEWS_EVERY_MS,
  });
  const gap = useNews(store, news.data);
  useCountsAnew(workspace, state.changes);
  const reveal = useCallback(() => {
    if (gap || !store.reveal()) refresh();
  }, [store, refresh, gap]);
  useEffect(() => {
    // Nobody is reading: the table begins anew by itself.
    if (gap && store.follows()) refresh();
  }, [gap, store, refresh]);
  // Until the first page of another filter is there, the rows from before stay.
  const before = useRef<readonly MailMessage[]>([]);
  if (settled && state.rows.length > 0) before.current = state.rows;
  const rows = settled ? state.rows : before.current;
  const status: LiveStatus = !wantsLive ? "off" : news.isError ? "waiting" : "live";
  return { pages, settled, rows, state, store, status, reveal, gap };
}

/** Takes in what is new or has changed. Returns whether more is new than was read, so that mails between would be missing. */
function useNews(store: LiveRows<MailMessage>, news: MailNews | undefined): boolean {
  const [gap, setGap] = useState(false);
  const told = useRef(new Map<string, string>());
  useEffect(() => {
    // Another question: nothing of it was told yet.
    void store;
    told.current = new Map();
    setGap(false);
  }, [store]);
  useEffect(() => {
    if (news === undefined) return;
    const { rows } = store.state();
    const there = new Map(rows.map((mail) => [mail.id, stateOf(mail)]));
    const newest = rows[0]?.id ?? "";
    for (const mail of [...news.others, ...news.found]) {
      const now = stateOf(mail);
      if ((told.current.get(mail.id) ?? there.get(mail.id)) === now) continue;
      told.current.set(mail.id, now);
      store.take(mail);
    }
    const oldest = news.found.at(-1)?.id ?? "";
    setGap(newest !== "" && news.more && oldest > newest);
    store.settle();
  }, [store, news]);
  return gap;
}

/** What can change of a mail that a row shows. */
function stateOf(mail: MailMessage): string {
  const { status, attempts, answer, settledAt, nextTryAt, maybeSent, taskId } = mail;
  return [status, attempts, answer, settledAt, nextTryAt, maybeSent, taskId].join("\n");
}

function useCountsAnew(workspace: string, changes: number): void {
  const client = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    if (changes === 0) return;
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void client.invalidateQueries({ queryKey: ["mail-counts", workspace] });
      void client.invalidateQueries({ queryKey: ["mail-stats", workspace] });
    }, COUNTS_EVERY_MS);
  }, [client, workspace, changes]);
  useEffect(() => () => clearTimeout(timer.current), []);
}

/** Whether a mail has a status and a time that the filter asks for. The rest of the filter is the server's. */
function fitting({ status, from, to }: MailFilter): (mail: MailMessage) => boolean {
  const wanted = status ? new Set(status.split(",")) : undefined;
  return (mail) =>
    (wanted === undefined || wanted.has(mail.status)) &&
    (from === undefined || Date.parse(mail.queuedAt) >= Date.parse(from)) &&
    (to === undefined || Date.parse(mail.queuedAt) < Date.parse(to));
}
