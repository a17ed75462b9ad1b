// biome-ignore-all lint/a11y/useSemanticElements: a table element cannot be drawn in part and scrolled at 60 frames a second
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names its active row
import type { MailMessage } from "@daybook/contract";
import { useRef } from "react";
import type { RowCursor } from "../../../ui/row-cursor.ts";
import { useFollowing, useRowWindow } from "../../../ui/row-window.ts";
import { Skeleton } from "../../../ui/states.tsx";
import "../../activity/table/table.css";
import { addressColumns, briefColumns, MailRow, mailColumns } from "./mail-row.tsx";

/** Of a row, comfortable and compact; of one with two lines. */
const ROW_PX = [33, 26] as const;
const NARROW_ROW_PX = [58, 52] as const;
/** As wide as all columns need; a narrower table scrolls sideways. */
const WIDTH_PX = 966;
const BRIEF_WIDTH_PX = 674;

interface MailTableProps {
  rows: readonly MailMessage[];
  narrow: boolean;
  compact: boolean;
  cursor: RowCursor;
  selectedId: string | undefined;
  /** All are to the same address, which need not be said in each row. */
  oneRecipient?: boolean;
  hasMore: boolean;
  readingMore: boolean;
  onMore: () => void;
  onOpen: (mail: MailMessage) => void;
  onTemplate: (template: string) => void;
  /** Whether the reader is at the top with the pointer elsewhere: then new rows may come in by themselves. */
  onFollow: (follows: boolean) => void;
}

/** The mails as a grid of which only what is seen is drawn. */
export function MailTable(props: MailTableProps) {
  const { rows, cursor, narrow, compact } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const rowPx = (narrow ? NARROW_ROW_PX : ROW_PX)[compact ? 1 : 0];
  const virtual = useRowWindow(scroller, { ...props, count: rows.length, rowPx });
  const items = virtual.getVirtualItems();
  useFollowing(scroller, props.onFollow);
  const onClick = (click: React.MouseEvent) => {
    const under = click.target as Element;
    const template = under.closest<HTMLElement>("[data-template]")?.dataset.template;
    if (template) return props.onTemplate(template);
    const id = under.closest<HTMLElement>("[data-mail]")?.dataset.mail;
    const mail = rows.find((each) => each.id === id);
    if (!mail || getSelection()?.toString()) return;
    cursor.put(mail.id);
    props.onOpen(mail);
  };
  const brief = props.selectedId !== undefined && !narrow;
  const columns = brief ? briefColumns : props.oneRecipient && !narrow ? addressColumns : mailColumns;
  const cursorRow = rows[cursor.index];
  const cursorSeen = items.some((item) => item.index === cursor.index);
  return (
    <div className="table mails-table" ref={scroller} data-narrow={narrow} data-compact={compact}>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the screen's keys move and open */}
      <div
        role="grid"
        id="mails"
        tabIndex={0}
        aria-label="Mails"
        aria-rowcount={props.hasMore ? -1 : rows.length + 1}
        aria-colcount={columns.length}
        aria-activedescendant={cursorSeen && cursorRow ? `row-${cursorRow.id}` : undefined}
        style={
          {
            height: virtual.getTotalSize() + (props.hasMore ? rowPx : 0),
            "--columns": columns.map((column) => column.width).join(" "),
            "--row": `${rowPx}px`,
            minWidth: narrow ? undefined : brief ? BRIEF_WIDTH_PX : WIDTH_PX,
          } as React.CSSProperties
        }
        onClick={onClick}
        onFocus={(focus) => focus.currentTarget.matches(":focus-visible") && cursor.enter()}
      >
        <Head columns={columns} />
        <div role="rowgroup">
          {items.map((item) => {
            const mail = rows[item.index];
            return mail ? (
              <MailRow
                key={mail.id}
                mail={mail}
                index={item.index}
                top={item.start}
                cursor={cursor.index === item.index}
                selected={mail.id === props.selectedId}
                narrow={narrow}
                columns={columns}
              />
            ) : null;
          })}
        </div>
      </div>
      {props.hasMore ? (
        <div className="more" style={{ top: virtual.getTotalSize() }}>
          <Skeleton lines={1} label="Reading older mails" />
        </div>
      ) : null}
    </div>
  );
}

function Head({ columns }: { columns: readonly { name: string; head: string }[] }) {
  return (
    <div role="rowgroup" className="head">
      <div role="row" className="row" aria-rowindex={1}>
        {columns.map(({ name, head }) => (
          <div role="columnheader" key={name} className={`cell ${name}`}>
            {head}
          </div>
        ))}
      </div>
    </div>
  );
}
