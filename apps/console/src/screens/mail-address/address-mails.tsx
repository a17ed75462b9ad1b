import type { MailMessage } from "@daybook/contract";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { mailsQuery } from "../../api/mail.ts";
import { useRowKeys } from "../../frame/row-keys.ts";
import { density } from "../../lib/display.ts";
import { useMedia } from "../../lib/media.ts";
import { usePreference } from "../../lib/preference.ts";
import { useRowCursor } from "../../ui/row-cursor.ts";
import { Failure, Skeleton } from "../../ui/states.tsx";
import "../tasks/tasks.css";
import { MailTable } from "../mail-log/table/mail-table.tsx";

const ignore = () => undefined;

/** Every mail to an address, the newest first. A mail opens in the mail log. */
export function AddressMails({ workspace, address }: { workspace: string; address: string }) {
  const narrow = useMedia("(width < 760px)");
  const compact = usePreference(density) === "compact";
  const navigate = useNavigate();
  const pages = useInfiniteQuery(mailsQuery(useMemo(() => ({ workspace, filter: { address } }), [workspace, address])));
  const rows = useMemo<MailMessage[]>(() => pages.data?.pages.flatMap((page) => page.items) ?? [], [pages.data]);
  const cursor = useRowCursor(rows);
  const open = useCallback(
    (search: object) =>
      void navigate({
        to: "/w/$workspace/mail-log",
        params: { workspace },
        search: { address, range: "all", ...search } as never,
      }),
    [navigate, workspace, address],
  );
  const onMore = useCallback(() => void pages.fetchNextPage(), [pages.fetchNextPage]);
  useRowKeys({
    grid: "mails",
    search: "",
    cursor,
    openId: undefined,
    open: (mail) => open({ mail }),
    close: ignore,
    reveal: ignore,
    togglePause: ignore,
  });
  if (pages.isError) return <Failure error={pages.error} retry={() => void pages.refetch()} />;
  if (pages.isPending) return <Skeleton lines={6} label="Reading the mails" />;
  if (rows.length === 0)
    return <p className="soft">No mail to this address is in the log. Is it written as the customer has it?</p>;
  return (
    <div className="address-mails">
      <MailTable
        rows={rows}
        narrow={narrow}
        compact={compact}
        cursor={cursor}
        selectedId={undefined}
        oneRecipient
        hasMore={pages.hasNextPage}
        readingMore={pages.isFetchingNextPage}
        onMore={onMore}
        onOpen={({ id }) => open({ mail: id })}
        onTemplate={(template) => open({ template })}
        onFollow={ignore}
      />
    </div>
  );
}
