import type { CsvMapping, FieldSource } from "./mapping.ts";

/** Whether these are the columns of our own CSV export. */
export function isExportHeader(header: string[]): boolean {
  return ["id", "occurredAt", "action"].every((name) => header.includes(name));
}

/** The mapping that reads our own export back. */
export function exportMapping(header: string[]): CsvMapping {
  const fields: Record<string, FieldSource> = {};
  for (const name of header) fields[name] = name;
  return {
    delimiter: ",",
    quote: '"',
    encoding: "utf-8",
    headerLine: 1,
    time: { column: "occurredAt", format: "iso" },
    fields,
    rest: "ignore",
  };
}

export function unescaped(cell: string): string {
  return cell;
}
