import type { Event } from "@daybook/contract";
import { type InfiniteData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { askFor, type EventPage, eventsQuery, newestEvents } from "../../api/events.ts";
import { isNewer, LiveFeed } from "./live-feed.ts";
import { useRowsFirst } from "./use-rows-first.ts";
import type { LogView } from "./view.ts";

/** While events arrive, the bars and the facets are asked anew at most this often. */
const COUNTS_EVERY_MS = 5_000;
/** A hidden page keeps its stream for this long. */
const SLEEP_AFTER_MS = 20_000;

/** The rows of the table: the pages that were read, and on top of them what the stream brought. */
export function useRows({ question, endsNow, refresh }: LogView, wantsLive: boolean) {
  const client = useQueryClient();
  const options = eventsQuery(question);
  const pages = useInfiniteQuery(options);
  const canLive = endsNow && question.order === "desc";
  const settled = pages.isSuccess && !pages.isPlaceholderData;
  const rowsThere = useRowsFirst(question, settled);
  const feed = useFeed(question, canLive && wantsLive && rowsThere);
  const live = useSyncExternalStore(feed.subscribe, feed.state);
  const read = useMemo(() => flatten(pages.data), [pages.data]);
  const oldest = useRef<Event | undefined>(undefined);
  oldest.current = pages.hasNextPage ? read.at(-1) : undefined;
  const readIds = useMemo(() => new Set(pages.data?.pages[0]?.items.map((event) => event.id)), [pages.data?.pages[0]]);
  feed.accepts = (event) =>
    !readIds.has(event.id) &&
    !(question.span.from && event.occurredAt < question.span.from) &&
    !(oldest.current && isNewer(oldest.current, event));
  useEffect(() => feed.hold(!settled), [feed, settled]);
  feed.onGap = () => {
    void newestEvents(question)
      .then(({ items }) => feed.take(items))
      .catch(() => undefined); // The stream goes on all the same; the gap is closed with the next reading.
  };
  feed.onFull = refresh;
  const rows = useMemo(() => merged(live.shown, read), [live.shown, read]);
  useCountsAnew(live.arrived, () => {
    void client.invalidateQueries({ queryKey: ["histogram", question.workspace] });
    void client.invalidateQueries({ queryKey: ["facets", question.workspace] });
  });
  const reveal = useCallback(() => {
    if (!feed.reveal()) refresh();
  }, [feed, refresh]);
  return { pages, rowsThere, rows, live, feed, canLive, reveal };
}

/** One feed for each question. Paused, it is closed but keeps what it brought. */
function useFeed(question: LogView["question"], wanted: boolean): LiveFeed {
  const feed = useMemo(() => {
    const { workspace } = question;
    return new LiveFeed(`/api/v1/events/stream?${askFor({ ...question, span: { buckets: 0 } }, { workspace })}`);
  }, [question]);
  useEffect(() => {
    if (!wanted) return;
    feed.open();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onVisibility = () => {
      clearTimeout(timer);
      if (document.hidden) timer = setTimeout(() => feed.sleep(), SLEEP_AFTER_MS);
      else feed.wake();
    };
    document.addEventListener("visibilitychange", onVisibility);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onVisibility);
      feed.close();
    };
  }, [feed, wanted]);
  return feed;
}

function useCountsAnew(arrived: number, ask: () => void): void {
  const latest = useRef(ask);
  latest.current = ask;
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    if (arrived === 0) return;
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      latest.current();
    }, COUNTS_EVERY_MS);
  }, [arrived]);
  useEffect(() => () => clearTimeout(timer.current), []);
}

function flatten(data: InfiniteData<EventPage> | undefined): Event[] {
  return data?.pages.flatMap((page) => page.items) ?? [];
}

/** Two lists, each newest first, as one. The stream's are few and nearly all newer. */
function merged(shown: readonly Event[], read: readonly Event[]): Event[] {
  const [newest] = read;
  if (shown.length === 0) return read as Event[];
  const lastShown = shown.at(-1);
  if (!newest || (lastShown && isNewer(lastShown, newest))) return [...shown, ...read];
  const rows: Event[] = [];
  let at = 0;
  for (const event of shown) {
    for (let next = read[at]; next && isNewer(next, event); next = read[at]) {
      rows.push(next);
      at++;
    }
    rows.push(event);
  }
  return rows.concat(read.slice(at));
}
