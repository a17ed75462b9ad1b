import { useEffect, useRef } from "react";

/** Something the palette can do. */
export interface Act {
  group: string;
  name: string;
  /** Further words that find it. */
  words: string;
  mono?: boolean;
  /** Listed only when something is typed: one of very many. */
  hidden?: boolean;
  run: () => void;
}

const makers = new Set<{ current: () => Act[] }>();

/** Offers what a screen can do in the palette, as long as the screen is drawn. `make` is called when the palette opens. */
export function useOfferedActs(make: () => Act[]): void {
  const latest = useRef(make);
  latest.current = make;
  useEffect(() => {
    makers.add(latest);
    return () => void makers.delete(latest);
  }, []);
}

/** What the screens that are drawn offer. */
export function offeredActs(): Act[] {
  return [...makers].flatMap((each) => each.current());
}
