import { useEffect, useRef } from "react";
import { isTyping } from "./keys.ts";

/** Keys of a whole screen: `press` does what a key means, and says whether it means anything. They rest while somebody types, a dialog is open,
 *  or something else has taken the key. */
export function usePageKeys(press: (event: KeyboardEvent) => boolean): void {
  const latest = useRef(press);
  latest.current = press;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
      if (latest.current(event)) event.preventDefault();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
}
