import { useEffect, useState } from "react";
import type { Question } from "../../api/events.ts";

/** Rows that take longer than this are no longer waited for. */
const WAIT_MS = 250;

/** Whether anything but the rows may be asked for: they go first, so that database and browser work on nothing else while somebody waits for
 *  them. True once the rows of the question are painted, or were waited for long enough. */
export function useRowsFirst(question: Question, there: boolean): boolean {
  const [ready, setReady] = useState<Question | null>(null);
  useEffect(() => {
    const go = () => setReady(question);
    const timers = [setTimeout(go, WAIT_MS)];
    const frame = there ? requestAnimationFrame(() => timers.push(setTimeout(go))) : 0;
    return () => {
      cancelAnimationFrame(frame);
      for (const timer of timers) clearTimeout(timer);
    };
  }, [question, there]);
  return ready === question;
}
