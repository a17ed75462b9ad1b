import type { MailMessage } from "@daybook/contract";
import { RowGrid, type RowGridProps } from "../../../ui/row-grid.tsx";
import { addressColumns, briefColumns, MailRow, mailColumns } from "./mail-row.tsx";

const WIDTH_PX = 966;
const BRIEF_WIDTH_PX = 674;

interface MailTableProps extends RowGridProps<MailMessage> {
  /** All are to the same address, which need not be said in each row. */
  oneRecipient?: boolean;
  onTemplate: (template: string) => void;
}

/** The mails as a grid. */
export function MailTable({ oneRecipient, onTemplate, ...grid }: MailTableProps) {
  const { narrow, selectedId } = grid;
  const brief = selectedId !== undefined && !narrow;
  const columns = brief ? briefColumns : oneRecipient && !narrow ? addressColumns : mailColumns;
  const onInside = (under: Element): boolean => {
    const template = under.closest<HTMLElement>("[data-template]")?.dataset.template;
    if (template) onTemplate(template);
    return Boolean(template);
  };
  return (
    <RowGrid
      {...grid}
      what="mails"
      label="Mails"
      columns={columns}
      widthPx={brief ? BRIEF_WIDTH_PX : WIDTH_PX}
      onInside={onInside}
      draw={(mail, place) => <MailRow key={mail.id} mail={mail} columns={columns} {...place} />}
    />
  );
}
