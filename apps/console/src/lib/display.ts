import { type Density, type DisplayChoices, densities, type LogScreen, logScreens } from "@daybook/contract";
import { Preference } from "./preference.ts";
import { type Theme, theme } from "./theme.ts";
import { zone } from "./zone.ts";

/** How much room a row takes. */
export const density = new Preference<Density>("density", "comfortable");

/** The columns that were chosen, by screen, as JSON. */
export const chosenColumns = new Preference<string>("columns", "{}");

type ColumnChoice = Partial<Record<LogScreen, string[]>>;

/** The columns chosen for a screen; null when they are the screen's own. */
export function columnsChosen(stored: string, screen: LogScreen): string[] | null {
  return columnChoice(stored)[screen] ?? null;
}

/** Chooses columns for a screen; null goes back to the screen's own. */
export function chooseColumns(screen: LogScreen, names: readonly string[] | null): void {
  const { [screen]: _, ...others } = columnChoice(chosenColumns.get());
  chosenColumns.set(JSON.stringify(names ? { ...others, [screen]: names } : others));
}

function columnChoice(stored: string): ColumnChoice {
  try {
    const read: unknown = JSON.parse(stored);
    if (typeof read !== "object" || read === null) return {};
    const known = Object.entries(read).filter(
      ([screen, names]) => logScreens.some((each) => each === screen) && Array.isArray(names) && names.length > 0,
    );
    return Object.fromEntries(known) as ColumnChoice;
  } catch {
    return {};
  }
}

export function otherDensity(now: Density): Density {
  return densities[(densities.indexOf(now) + 1) % densities.length] ?? "comfortable";
}

/** All choices of this browser, as they are kept with the person. */
export function displayChoices(): DisplayChoices {
  return {
    theme: theme.get(),
    zone: zone.get(),
    density: density.get(),
    columns: columnChoice(chosenColumns.get()),
  };
}

/** Takes over what is kept with the person; what is not kept stays as it is. */
export function takeDisplayChoices(kept: DisplayChoices): void {
  if (kept.theme && kept.theme !== theme.get()) theme.set(kept.theme satisfies Theme);
  if (kept.zone && kept.zone !== zone.get()) zone.set(kept.zone);
  if (kept.density && kept.density !== density.get()) density.set(kept.density);
  const columns = JSON.stringify(kept.columns ?? {});
  if (kept.columns && columns !== chosenColumns.get()) chosenColumns.set(columns);
}

/** Calls back after any of the choices changed. */
export function onDisplayChange(listener: () => void): () => void {
  const ends = [theme, zone, density, chosenColumns].map((each) => each.subscribe(listener));
  return () => {
    for (const end of ends) end();
  };
}
