import { Readable } from "node:stream";
import { AppError, type EventInput } from "@daybook/contract";
import { type CsvError, type Info, parse } from "csv-parse";
import { Occurrences } from "../identity.ts";
import type { Importer, ImportItem, ImportOptions } from "../importer.ts";
import { LINE_BYTES_MAX } from "../lines.ts";
import type { Source } from "../source.ts";
import type { CsvMapping } from "./mapping.ts";
import { ExportRows, isExportHeader } from "./own-export.ts";
import { type RowFault, RowMapper } from "./row-event.ts";

export const csv: Importer = {
  name: "csv",
  describe: "any CSV with a --mapping file; without one, what `daybook export --format csv` writes",
  files: /\.(csv|tsv|txt)(\.gz)?$/,
  contentDecidesId: false,
  open: (options) => new CsvReader(options),
};

/** Makes events of rows, once the columns are known. */
interface RowReader {
  event(row: string[], occurrences: Occurrences): EventInput | RowFault;
}

interface ParsedRow {
  record: string[];
  raw: string;
  info: Info;
}

class CsvReader {
  readonly #options: ImportOptions;
  readonly #occurrences = new Occurrences();

  constructor(options: ImportOptions) {
    this.#options = options;
  }

  async *read(source: Source): AsyncGenerator<ImportItem> {
    this.#occurrences.clear();
    const { mapping } = this.#options;
    const broken: ImportItem[] = [];
    const parser = parse({
      delimiter: mapping?.delimiter ?? ",",
      quote: mapping?.quote ?? '"',
      from_line: mapping?.columns ? 1 : (mapping?.headerLine ?? 1),
      info: true,
      raw: true,
      relax_column_count: true,
      // A stray quote must not swallow the rows after it.
      relax_quotes: true,
      skip_empty_lines: true,
      skip_records_with_error: true,
      max_record_size: LINE_BYTES_MAX,
      on_skip: (error, raw) => {
        if (error) broken.push(brokenRow(error, raw));
        return undefined;
      },
    });
    const bytes = Readable.from(recoded(source.open(), mapping?.encoding ?? "utf-8"), { objectMode: false });
    bytes.on("error", (error) => parser.destroy(error));
    let mapper: RowReader | undefined = mapping?.columns ? this.#mapper(mapping, mapping.columns, source) : undefined;
    try {
      for await (const parsed of bytes.pipe(parser)) {
        const { record, raw, info } = parsed as ParsedRow;
        yield* broken.splice(0);
        if (mapper === undefined) mapper = this.#fromHeader(record, source);
        else yield this.#item(mapper, record, raw.trimEnd(), info.lines);
      }
      yield* broken.splice(0);
    } finally {
      bytes.destroy();
      parser.destroy();
    }
  }

  #fromHeader(header: string[], source: Source): RowReader {
    if (this.#options.mapping) return this.#mapper(this.#options.mapping, header, source);
    if (isExportHeader(header)) return new ExportRows(header);
    throw new AppError(
      "invalid_request",
      `${source.name} is not a CSV export of ours (its columns are ${header.join(", ").slice(0, 300)}); say with --mapping what they mean.`,
    );
  }

  #mapper(mapping: CsvMapping, header: string[], source: Source): RowMapper {
    try {
      return new RowMapper(mapping, header, this.#options.timezone);
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw new AppError("invalid_request", `The mapping does not fit ${source.name}. ${(error as Error).message}`);
    }
  }

  #item(mapper: RowReader, record: string[], text: string, line: number): ImportItem {
    const event = mapper.event(record, this.#occurrences);
    return "code" in event ? { fault: { line, text, ...event } } : { event, line, text };
  }
}

function brokenRow(error: CsvError, raw: string | undefined): ImportItem {
  const line = typeof error.lines === "number" ? error.lines : 0;
  return { fault: { line, code: "invalid_csv", message: error.message, text: (raw ?? "").slice(0, LINE_BYTES_MAX) } };
}

async function* recoded(chunks: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<Buffer> {
  if (/^utf-?8$/i.test(encoding)) {
    yield* chunks;
    return;
  }
  const decoder = new TextDecoder(encoding);
  for await (const chunk of chunks) yield Buffer.from(decoder.decode(chunk, { stream: true }));
}
