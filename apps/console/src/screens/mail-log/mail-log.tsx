import { Link } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useOfferedActs } from "../../frame/acts.ts";
import { useRowKeys } from "../../frame/row-keys.ts";
import { ScreenHeader } from "../../frame/screen-header.tsx";
import { density } from "../../lib/display.ts";
import { useMedia } from "../../lib/media.ts";
import { plural } from "../../lib/numbers.ts";
import { usePreference } from "../../lib/preference.ts";
import { openPopup } from "../../ui/popup.tsx";
import { type RowCursor, useRowCursor } from "../../ui/row-cursor.ts";
import { SearchField } from "../../ui/search-field.tsx";
import { Failure, Skeleton } from "../../ui/states.tsx";
import "../activity/activity.css";
import "../activity/bar/bar.css";
import { logins } from "../activity/lens.ts";
import { LiveButton } from "../activity/live-button.tsx";
import { RangePicker } from "../activity/range-picker.tsx";
import { type LogView, LogViewProvider } from "../activity/view.ts";
import { Findings } from "../findings/findings.tsx";
import "../tasks/tasks.css";
import { MailExportMenu } from "./export-menu.tsx";
import { MailPanel } from "./mail/mail-panel.tsx";
import { MailCharts } from "./mail-charts.tsx";
import { MailFilters } from "./mail-filters.tsx";
import "./mail-log.css";
import { undelivered } from "./mail-mark.tsx";
import { NoMails } from "./no-mails.tsx";
import { MailStatusTabs } from "./status-tabs.tsx";
import { MailTable } from "./table/mail-table.tsx";
import { type MailView, MailViewProvider, useMailAddress } from "./use-mail-view.ts";
import { useMails } from "./use-mails.ts";

/** Every mail: charts, filters, the table of mails as they are now, and the panel of the one that is open. */
export function MailLog() {
  const view = useMailAddress();
  const { search, change, workspace } = view;
  const narrow = useMedia("(width < 760px)");
  const [paused, setPaused] = useState(false);
  const found = useMails(view, !paused);
  const { rows, reveal } = found;
  const cursor = useRowCursor(rows);
  const { mail: openId, address } = search;
  const open = useCallback((id: string) => change({ mail: id }, { replace: openId !== undefined }), [change, openId]);
  const close = useCallback(() => change({ mail: undefined }), [change]);
  const togglePause = () => setPaused(!paused);
  const exportRows = () => openPopup("export");
  useRowKeys({ grid: "mails", search: "mail-search", cursor, openId, open, close, reveal, togglePause, exportRows });
  useMailActs(view);
  return (
    <MailViewProvider value={view}>
      <LogViewProvider value={useRangeView(view)}>
        <div className="activity tasks-screen mail-screen" data-panel={openId !== undefined}>
          <ScreenHeader name="Mail log">
            <SearchField
              id="mail-search"
              label="Search mails"
              placeholder="Subject, recipient, answer, id"
              view={view}
            />
            <div className="controls">
              <RangePicker />
              <LiveButton status={found.status} paused={paused} possible={!search.to} onToggle={togglePause} />
              <MailExportMenu view={view} />
            </div>
          </ScreenHeader>
          <Findings screen="mail" />
          <div className="lens-bar">
            <MailStatusTabs view={view} ready={found.settled} />
            <MailFilters view={view} rows={rows} />
            {address?.includes("@", 1) ? (
              <Link className="quick" to="/w/$workspace/mail-addresses/$address" params={{ workspace, address }}>
                Why did it not come?
              </Link>
            ) : null}
          </div>
          <div className="tasks-body">
            <div className="tasks-main">
              <MailCharts view={view} ready={found.settled} />
              <Found view={view} found={found} narrow={narrow} cursor={cursor} onOpen={open} />
            </div>
            {openId ? <MailPanel id={openId} narrow={narrow} onClose={close} /> : null}
          </div>
        </div>
      </LogViewProvider>
    </MailViewProvider>
  );
}

interface FoundProps {
  view: MailView;
  found: ReturnType<typeof useMails>;
  narrow: boolean;
  cursor: RowCursor;
  onOpen: (id: string) => void;
}

/** The table, or what stands for it while there is none. */
function Found({ view, found, narrow, cursor, onOpen }: FoundProps) {
  const { pages, rows, state, store, settled, reveal, gap } = found;
  const chosenDensity = usePreference(density);
  const openId = view.search.mail;
  const onMore = useCallback(() => void pages.fetchNextPage(), [pages.fetchNextPage]);
  const onFollow = useCallback(
    (follows: boolean) => {
      store.follows = () => follows && openId === undefined;
    },
    [store, openId],
  );
  useEffect(() => {
    // Nothing can jump in an empty table: the first mail is shown as soon as it comes.
    if (rows.length === 0) store.follows = () => true;
  }, [store, rows.length]);
  const { waiting, overflow } = state;
  return (
    <section className="rows" aria-label="Mails found" data-waiting={!settled && rows.length > 0}>
      {waiting > 0 ? (
        <button type="button" className="new-rows" onClick={reveal} aria-keyshortcuts="n">
          ↑ {overflow || gap ? "Many" : waiting} new
        </button>
      ) : null}
      <span className="only-read" role="status">
        {waiting > 0 ? `${plural(waiting, "new mail")}. Press n to show.` : ""}
      </span>
      {rows.length > 0 ? (
        <MailTable
          rows={rows}
          narrow={narrow}
          compact={chosenDensity === "compact"}
          cursor={cursor}
          selectedId={openId}
          hasMore={pages.hasNextPage}
          readingMore={pages.isFetchingNextPage}
          onMore={onMore}
          onOpen={(mail) => onOpen(mail.id)}
          onTemplate={(template) => view.change({ template })}
          onFollow={onFollow}
        />
      ) : pages.isError ? (
        <Failure error={pages.error} retry={() => void pages.refetch()} />
      ) : pages.isPending || !settled || pages.data.pages.some((page) => page.items.length > 0) ? (
        <Skeleton lines={16} label="Reading the mails" />
      ) : (
        <NoMails view={view} />
      )}
    </section>
  );
}

/** The range of the address in the form that the range picker takes. */
function useRangeView({ workspace, search, filter, change, refresh }: MailView): LogView {
  const { range, from, to } = search;
  return useMemo<LogView>(
    () => ({
      lens: logins,
      workspace,
      search: { ...(range && { range }), ...(from && { from }), ...(to && { to }) },
      question: { workspace, q: "", span: { from: filter.from, to: filter.to, buckets: 60 }, order: "desc" },
      rowsThere: true,
      endsNow: !to,
      change: (patch, options) => change(patch, options),
      refresh,
    }),
    [workspace, range, from, to, filter, change, refresh],
  );
}

/** What the palette offers on this screen. */
function useMailActs({ change }: MailView): void {
  useOfferedActs(() => [
    {
      group: "Mail log",
      name: "Mails that did not come through",
      words: "failed bounced complained suppressed",
      run: () => change({ status: undelivered }),
    },
    { group: "Mail log", name: "Mails that wait", words: "queued retry", run: () => change({ status: "queued" }) },
  ]);
}
