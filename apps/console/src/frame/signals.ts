/** A signal from a button on one side of the page to what it opens on the other. */
class Signal {
  #listeners = new Set<() => void>();
  send = (): void => {
    for (const listener of this.#listeners) listener();
  };
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** Opens the sidebar where it is a sheet. */
export const menuOpen = new Signal();
/** Opens the list of keys. */
export const shortcutsOpen = new Signal();
/** Opens the palette. */
export const paletteOpen = new Signal();
