import { useEffect, useState } from "react";
import { count, plural } from "../../lib/numbers.ts";
import { Icon } from "../../ui/icon.tsx";
import type { LiveState, LiveStatus } from "./live-feed.ts";

interface LiveButtonProps {
  status: LiveStatus;
  paused: boolean;
  /** A range with a fixed end, or the oldest first, has no new rows to show. */
  possible: boolean;
  onToggle: () => void;
}

/** Whether new events come in, and the switch for it. */
export function LiveButton({ status, paused, possible, onToggle }: LiveButtonProps) {
  if (!possible) {
    return (
      <button
        type="button"
        className="btn live"
        disabled
        title="The range has a fixed end, or the oldest come first: new events do not belong here"
      >
        <span className="dot" />
        <span className="word">Not live</span>
      </button>
    );
  }
  const waiting = status === "waiting" && !paused;
  return (
    <button
      type="button"
      className="btn live"
      data-state={paused ? "paused" : waiting ? "waiting" : "live"}
      aria-pressed={!paused}
      title={
        paused
          ? "New events wait; click to go on (p)"
          : waiting
            ? "The stream broke off; trying again"
            : "New events come in; click to pause (p)"
      }
      onClick={onToggle}
    >
      {paused ? <Icon name="pause" size={12} /> : <span className="dot" />}
      <span className="word">{paused ? "Paused" : waiting ? "Reconnecting" : "Live"}</span>
    </button>
  );
}

/** Announces events that arrived, and shows them on a click. */
export function NewRows({ live, onShow }: { live: LiveState; onShow: () => void }) {
  const { waiting, uncounted } = live;
  const said = useSettled(waiting);
  return (
    <>
      {waiting > 0 || uncounted ? (
        <button type="button" className="new-rows" onClick={onShow} aria-keyshortcuts="n">
          {uncounted ? "↑ New events" : `↑ ${count(waiting)} new`}
        </button>
      ) : null}
      <span className="only-read" role="status">
        {said > 0 ? `${plural(said, "new event")}. Press n to show ${said === 1 ? "it" : "them"}.` : ""}
      </span>
    </>
  );
}

/** The value, at most every five seconds: an announcement for every row would never end. */
function useSettled(value: number): number {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    if (value === 0 || settled === 0) return setSettled(value);
    const timer = setTimeout(() => setSettled(value), 5_000);
    return () => clearTimeout(timer);
  }, [value, settled]);
  return settled;
}
