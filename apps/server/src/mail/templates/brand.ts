import { accentShades, type WorkspaceSettings } from "@daybook/contract";
import type { Config } from "../../config.ts";

/** The grounds of the layout, on which the accent colour must be readable. */
const grounds = { light: "#ffffff", dark: "#1a1b20" };
const DEFAULT_ACCENT = "#4f46e5";

/** What templates know as `brand`. */
export interface Brand {
  name: string;
  /** Links, on white. */
  accent: string;
  /** The ground of buttons, under white. */
  strong: string;
  /** Links, on the dark ground. */
  dark: string;
  /** The address of the logo's picture; "" for none. */
  logo: string;
  /** The address people use, without a slash at the end; "" if none is set. */
  url: string;
  timeZone: string;
}

/** The reference by which the HTML shows the logo, which goes along as an attachment: few mail programs show data: addresses. */
export const LOGO_ID = "logo@daybook";

/** They take as long as half a mail to work out. */
const known = new Map<string, ReturnType<typeof accentShades>>();

function shadesOf(colour: string): ReturnType<typeof accentShades> {
  const shades = known.get(colour) ?? accentShades(colour, grounds);
  if (known.size > 1_000) known.clear();
  known.set(colour, shades);
  return shades;
}

/** How a workspace looks in its mails. */
export function brandOf(settings: WorkspaceSettings, config: Pick<Config, "publicUrl">, logo: "cid" | "data"): Brand {
  const shades = shadesOf(settings.accentColour ?? DEFAULT_ACCENT);
  return {
    name: settings.brandName ?? "Daybook",
    accent: shades.light.accent,
    strong: shades.light.strong,
    dark: shades.dark.accent,
    logo: settings.logo === null ? "" : logo === "cid" ? `cid:${LOGO_ID}` : settings.logo,
    url: config.publicUrl?.replace(/\/$/, "") ?? "",
    timeZone: settings.timeZone,
  };
}
