import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { Logger } from "pino";
import { type ExportFormat, exportMediaTypes } from "./export.ts";

/** An export, and what the record says of it. */
export interface RecordedExport {
  /** Its name is `daybook-<name>-<day>.<format>`. */
  name: string;
  format: ExportFormat;
  texts: AsyncIterable<string>;
  /** Says in the record that it began, before any of it goes out. */
  begin(): Promise<void>;
  /** Says how it ended, also when the client has gone. `whole`: all of it went out. */
  end(whole: boolean): Promise<void>;
}

/** Sends exports as files. A server that closes waits until the record has their ends. */
export class ExportSender {
  readonly #deps: { clock: () => number; log: Logger };
  readonly #ending = new Set<Promise<void>>();

  constructor(app: FastifyInstance, deps: { clock: () => number; log: Logger }) {
    this.#deps = deps;
    app.addHook("onClose", async () => void (await Promise.all(this.#ending)));
  }

  async send(reply: FastifyReply, wanted: RecordedExport): Promise<FastifyReply> {
    const texts = this.#recorded(wanted);
    // The first chunk before the headers: an export that cannot begin is answered with a problem document.
    const first = await texts.next();
    const day = new Date(this.#deps.clock()).toISOString().slice(0, 10);
    return reply
      .type(exportMediaTypes[wanted.format])
      .header("cache-control", "no-store")
      .header("content-disposition", `attachment; filename="daybook-${wanted.name}-${day}.${wanted.format}"`)
      .send(Readable.from(resumed(first, texts), { objectMode: false, highWaterMark: 256 * 1024 }));
  }

  async *#recorded({ texts, begin, end }: RecordedExport): AsyncGenerator<string> {
    let whole = false;
    await begin();
    try {
      yield* texts;
      whole = true;
    } finally {
      const noted = end(whole)
        .catch((error: unknown) => this.#deps.log.error({ err: error }, "the end of an export could not be recorded"))
        .finally(() => this.#ending.delete(noted));
      this.#ending.add(noted);
    }
  }
}

async function* resumed(first: IteratorResult<string>, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  try {
    if (first.done !== true) yield first.value;
    yield* rest;
  } finally {
    // Also when the client has gone before the rest was begun.
    await rest.return(undefined);
  }
}
