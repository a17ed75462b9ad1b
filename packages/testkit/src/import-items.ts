import type { EventInput } from "@daybook/contract";
import type { Importer, ImportItem, ImportOptions } from "@daybook/server/collect/importer.ts";
import type { Source } from "@daybook/server/collect/source.ts";

/** A log in memory, as an importer meets it; it arrives in small pieces. */
export function textSource(text: string | Buffer, changes: Partial<Source> = {}): Source {
  const bytes = Buffer.from(text);
  const open = async function* () {
    for (let at = 0; at < bytes.length; at += 1_000) yield bytes.subarray(at, at + 1_000);
  };
  return {
    name: "sample.log",
    series: "sample.log",
    modifiedAt: Date.UTC(2026, 10, 20),
    bytes: bytes.length,
    found: false,
    open,
    ...changes,
  };
}

/** Everything an importer makes of some logs, read in one run. */
export async function importItems(
  importer: Importer,
  logs: (string | Buffer | Source)[],
  options: Partial<ImportOptions> = {},
): Promise<ImportItem[]> {
  const reader = importer.open({ timezone: "UTC", now: Date.UTC(2026, 10, 20), ...options });
  const items: ImportItem[] = [];
  for (const log of logs) {
    const source = typeof log === "string" || Buffer.isBuffer(log) ? textSource(log) : log;
    for await (const item of reader.read(source)) items.push(item);
  }
  return items;
}

/** The events among them. */
export function importedEvents(items: ImportItem[]): EventInput[] {
  return items.flatMap((item) => ("event" in item ? [item.event] : []));
}
