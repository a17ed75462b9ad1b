import { Preference } from "../../../lib/preference.ts";

const RECENT_MAX = 20;

const stored = new Preference<string>("recent-searches", "[]");

/** The searches of this browser, the last one first. */
export function recentSearches(): string[] {
  try {
    const list: unknown = JSON.parse(stored.get());
    return Array.isArray(list) ? list.filter((each): each is string => typeof each === "string") : [];
  } catch {
    return [];
  }
}

export function rememberSearch(q: string): void {
  if (q.trim() === "") return;
  stored.set(JSON.stringify([q, ...recentSearches().filter((each) => each !== q)].slice(0, RECENT_MAX)));
}
