/** One line of a log. Longer ones would let a file without line ends fill memory. */
export const LINE_BYTES_MAX = 1024 * 1024;

export interface Line {
  number: number;
  /** Without its line end; of a line that is too long, the beginning. */
  text: string;
  tooLong?: true;
}

/** Splits bytes into lines (LF or CRLF); numbers start at 1. Bytes that are not UTF-8 become U+FFFD. */
export async function* readLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  let number = 0;
  let kept: Buffer[] = [];
  let keptBytes = 0;
  let overflowed = false;
  const keep = (part: Buffer) => {
    const room = LINE_BYTES_MAX - keptBytes;
    if (part.length > room) overflowed = true;
    if (room > 0 && part.length > 0) kept.push(part.length > room ? part.subarray(0, room) : part);
    keptBytes += Math.min(part.length, room);
  };
  const take = (): Line => {
    const bytes = kept.length === 1 && kept[0] ? kept[0] : Buffer.concat(kept);
    const end = bytes.length > 0 && bytes[bytes.length - 1] === 13 ? bytes.length - 1 : bytes.length;
    number += 1;
    const line: Line = { number, text: bytes.toString("utf8", 0, end) };
    if (overflowed) line.tooLong = true;
    kept = [];
    keptBytes = 0;
    overflowed = false;
    return line;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      keep(chunk.subarray(start, end));
      start = end + 1;
      yield take();
    }
    if (start < chunk.length) keep(chunk.subarray(start));
  }
  if (keptBytes > 0) yield take();
}
