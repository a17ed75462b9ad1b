import { type KeyboardEvent, type PointerEvent, type RefObject, useEffect, useState } from "react";
import type { Bar } from "./bars.ts";

/** Choosing a stretch of bars, by pointer or by keys. `onChoose` gets its ends in milliseconds. */
export function useBrush(
  bars: readonly Bar[],
  plot: RefObject<HTMLElement | null>,
  onChoose: (fromMs: number, toMs: number) => void,
) {
  const [at, setAt] = useState(-1);
  const [anchor, setAnchor] = useState<number | null>(null);
  const [shown, setShown] = useState(false);
  const last = bars.length - 1;
  // Other bars: what was chosen among the old ones means nothing.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the effect is for the change of bars
  useEffect(() => setAnchor(null), [bars]);

  const barAt = (event: PointerEvent) => {
    const box = plot.current?.getBoundingClientRect();
    if (!box || box.width === 0) return -1;
    return Math.max(0, Math.min(last, Math.floor(((event.clientX - box.left) / box.width) * bars.length)));
  };
  const choose = (one: number, other: number) => {
    const first = bars[Math.min(one, other)];
    const final = bars[Math.max(one, other)];
    setAnchor(null);
    if (first && final) onChoose(first.startMs, final.endMs);
  };
  const handlers = {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.button !== 0 || bars.length === 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      setAt(barAt(event));
      setAnchor(barAt(event));
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      setShown(true);
      setAt(barAt(event));
    },
    onPointerUp: (event: PointerEvent<HTMLElement>) => {
      if (anchor !== null) choose(anchor, barAt(event));
    },
    onPointerCancel: () => setAnchor(null),
    onPointerLeave: () => {
      if (anchor === null) setShown(false);
    },
    onFocus: (event: { currentTarget: HTMLElement }) => {
      if (!event.currentTarget.matches(":focus-visible")) return;
      setShown(true);
      setAt((before) => (before < 0 || before > last ? last : before));
    },
    onBlur: () => {
      setShown(false);
      setAnchor(null);
    },
    onKeyDown: (event: KeyboardEvent<HTMLElement>) => {
      const moved = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key];
      if (moved !== undefined) {
        if (event.shiftKey) setAnchor((before) => before ?? at);
        else setAnchor(null);
        setAt(Math.max(0, Math.min(last, moved)));
      } else if (event.key === "Enter" || event.key === " ") choose(anchor ?? at, at);
      else if (event.key === "Escape" && anchor !== null) setAnchor(null);
      else return;
      setShown(true);
      event.preventDefault();
      event.stopPropagation();
    },
  };
  const stretch: [number, number] | null = anchor === null ? null : [Math.min(anchor, at), Math.max(anchor, at)];
  return { at, stretch, shown, handlers };
}
