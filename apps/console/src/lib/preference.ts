import { useSyncExternalStore } from "react";

/** A choice of this browser, kept in its local storage (in memory where storage is switched off). */
export class Preference<T extends string> {
  readonly key: string;
  #chosen: boolean;
  #value: T;
  #listeners = new Set<() => void>();

  constructor(key: string, initial: T) {
    this.key = `daybook.${key}`;
    const kept = read(this.key) as T | null;
    this.#chosen = kept !== null;
    this.#value = kept ?? initial;
    globalThis.addEventListener?.("storage", (change) => {
      if (change.key === this.key && change.newValue !== null) this.#change(change.newValue as T);
    });
  }

  get = (): T => this.#value;

  set(value: T): void {
    try {
      localStorage.setItem(this.key, value);
    } catch {
      // Storage is switched off: the choice holds until the page is closed.
    }
    this.#change(value);
  }

  /** Another value to begin with, for a browser that chose none. It is not kept. */
  suggest(value: T): void {
    if (!this.#chosen && value !== this.#value) this.#tell(value);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #change(value: T): void {
    this.#chosen = true;
    this.#tell(value);
  }

  #tell(value: T): void {
    this.#value = value;
    for (const listener of this.#listeners) listener();
  }
}

/** The preference's value in a component; the component follows its changes. */
export function usePreference<T extends string>(preference: Preference<T>): T {
  return useSyncExternalStore(preference.subscribe, preference.get);
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
