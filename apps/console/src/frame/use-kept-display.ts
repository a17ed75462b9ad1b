import { useEffect } from "react";
import { keepDisplay, readDisplay } from "../api/views.ts";
import { displayChoices, onDisplayChange, takeDisplayChoices } from "../lib/display.ts";

/** Keeps theme, zone, density and columns with the person.
 *  1. What is kept is taken over: the browser's own storage only bridges the time until it is read.
 *  2. Every change from then on is sent, one after the other.
 *  When the server cannot be asked, the choices stay this browser's. */
export function useKeptDisplay(signedIn: boolean): void {
  useEffect(() => {
    if (!signedIn) return;
    let ended = false;
    let end: (() => void) | undefined;
    void readDisplay()
      .then((kept) => {
        if (ended) return;
        takeDisplayChoices(kept);
        end = onDisplayChange(keeper());
      })
      .catch(() => undefined);
    return () => {
      ended = true;
      end?.();
    };
  }, [signedIn]);
}

function keeper(): () => void {
  let last = JSON.stringify(displayChoices());
  let sending = false;
  return async () => {
    if (sending) return;
    sending = true;
    for (let now = displayChoices(); JSON.stringify(now) !== last; now = displayChoices()) {
      last = JSON.stringify(now);
      await keepDisplay(now).catch(() => undefined); // They hold in this browser, and are sent with the next change.
    }
    sending = false;
  };
}
