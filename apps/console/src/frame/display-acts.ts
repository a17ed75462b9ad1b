import { theme } from "../lib/theme.ts";
import { allZones, localZone, zone } from "../lib/zone.ts";
import type { Act } from "./acts.ts";
import { shortcutsOpen } from "./signals.ts";

/** What the palette offers on every screen: themes, time zones, the list of keys. */
export function displayActs(): Act[] {
  return [
    ...(["system", "light", "dark"] as const).map((each) => ({
      group: "Theme",
      name: `Theme: ${each}`,
      words: "appearance colours",
      run: () => theme.set(each),
    })),
    ...["local", ...allZones()].map((each) => ({
      group: "Time zone",
      name: each === "local" ? `Times of this browser (${localZone})` : `Times in ${each.replaceAll("_", " ")}`,
      words: "zone clock",
      hidden: each !== "local" && each !== "UTC",
      run: () => zone.set(each),
    })),
    { group: "Help", name: "Keys", words: "shortcuts keyboard help", run: shortcutsOpen.send },
  ];
}
