import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { AppError, limits } from "@daybook/contract";
import type { InFlight } from "./in-flight.ts";

/** The start of each body that is not counted: a single event gets in even while others use up the memory for bodies. */
const UNCOUNTED_BYTES = 64 * 1024;
/** A sender that is silent for so long has gone; its request ends. */
const IDLE_MS = 60_000;

/** The body as it was meant: unpacked when `Content-Encoding` says so, ended when the sender falls silent. */
export function unpacked(request: IncomingMessage): Readable {
  request.setTimeout?.(IDLE_MS, () =>
    request.destroy(new AppError("invalid_request", `Nothing was received for ${IDLE_MS / 1000} s.`)),
  );
  const encoding = request.headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
  if (encoding === "identity" || encoding === "") return request;
  const unpack =
    encoding === "gzip" || encoding === "x-gzip" ? createGunzip() : encoding === "zstd" ? createZstdDecompress() : null;
  if (unpack === null) {
    throw new AppError(
      "unsupported_media_type",
      `Content-Encoding ${encoding} is not supported; gzip, zstd and identity are.`,
    );
  }
  request.on("error", (error) => unpack.destroy(error));
  return request.pipe(unpack);
}

/**
 * Reads a JSON body of at most bodyBytesMax (unpacked); what it holds beyond its start counts as in flight until `release` is called.
 * Throws body_too_large, overloaded, invalid_json.
 */
export async function readJson(body: Readable, inFlight: InFlight): Promise<{ value: unknown; release: () => void }> {
  const parts: Buffer[] = [];
  let bytes = 0;
  let counted = 0;
  const release = (): void => {
    inFlight.give(counted);
    counted = 0;
  };
  try {
    for await (const part of body as AsyncIterable<Buffer>) {
      if (bytes + part.length > limits.bodyBytesMax) throw bodyTooLarge();
      bytes += part.length;
      const due = Math.max(0, bytes - UNCOUNTED_BYTES) - counted;
      inFlight.take(due);
      counted += due;
      // Node hands out slices of 64 KiB buffers: a copy lets go of the rest.
      parts.push(Buffer.from(part));
    }
    return { value: parseJson(Buffer.concat(parts)), release };
  } catch (error) {
    release();
    if ((error as { code?: unknown }).code === "Z_DATA_ERROR" || (error as { code?: unknown }).code === "Z_BUF_ERROR") {
      throw new AppError("invalid_request", "The body is not what Content-Encoding says.", { cause: error });
    }
    throw error;
  }
}

export function bodyTooLarge(): AppError {
  return new AppError(
    "body_too_large",
    `A JSON body may have ${limits.bodyBytesMax} bytes (bodyBytesMax); send more as application/x-ndjson.`,
    {
      extra: { limit: "bodyBytesMax", max: limits.bodyBytesMax },
    },
  );
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    const where = error instanceof Error ? error.message : "";
    throw new AppError(
      "invalid_json",
      bytes.length === 0 ? "The body is empty; send an event." : `The body is not JSON: ${where}`,
    );
  }
}
