import { Preference } from "./preference.ts";

export type Theme = "system" | "light" | "dark";

export const theme = new Preference<Theme>("theme", "system");

/** Puts the chosen theme on the page; `public/theme.js` has done it before the first paint. */
export function applyTheme(): void {
  const chosen = theme.get();
  if (chosen === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
}

theme.subscribe(applyTheme);
