import { useSyncExternalStore } from "react";

/** A choice of this browser, kept in its local storage (in memory where storage is switched off). */
export class Preference<T extends string> {
  readonly key: string;
  #value: T;
  #listeners = new Set<() => void>();

  constructor(key: string, initial: T) {
    this.key = `daybook.${key}`;
    this.#value = (read(this.key) as T | null) ?? initial;
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

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #change(value: T): void {
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
