import type { TaskLine } from "@daybook/contract";
import { memo } from "react";
import { usePreference } from "../../../lib/preference.ts";
import { wallClock, zone } from "../../../lib/zone.ts";
import { markedPieces, piecesOf } from "./ansi.ts";
import { styleOf } from "./ansi-colours.ts";

interface LineRowProps {
  line: TaskLine | undefined;
  index: number;
  top: number;
  times: boolean;
  /** What a search looks for, in lower case. */
  word: string;
  current: boolean;
  measure: ((element: HTMLElement | null) => void) | undefined;
}

/** One line of output, cut at its colours only when it is drawn. */
export const LineRow = memo(function LineRow({ line, index, top, times, word, current, measure }: LineRowProps) {
  return (
    <div
      className="log-line"
      ref={measure}
      data-index={index}
      data-stream={line?.stream}
      data-current={current}
      style={{ transform: `translateY(${top}px)` }}
    >
      <span className="log-number" aria-hidden="true">
        {line ? line.n + 1 : ""}
      </span>
      {times && line ? <Time at={line.at} /> : null}
      {line?.stream === "err" ? (
        <span className="log-err" title="Written to the error output">
          err
        </span>
      ) : null}
      <span className="log-text">{line ? <Text text={line.text} word={word} /> : <i className="log-missing" />}</span>
    </div>
  );
});

function Text({ text, word }: { text: string; word: string }) {
  return markedPieces(piecesOf(text), word).map(({ text: part, look, found }, at) => {
    const style = styleOf(look);
    if (found)
      // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a line keep their places
      return <mark key={at}>{part}</mark>;
    return style ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a line keep their places
      <span key={at} style={style}>
        {part}
      </span>
    ) : (
      part
    );
  });
}

function Time({ at }: { at: string }) {
  const choice = usePreference(zone);
  const ms = Date.parse(at);
  const { hour, minute, second } = wallClock(ms, choice);
  const two = (value: number) => String(value).padStart(2, "0");
  return (
    <time className="log-time" dateTime={at}>
      {two(hour)}:{two(minute)}:{two(second)}.{String(ms % 1000).padStart(3, "0")}
    </time>
  );
}
