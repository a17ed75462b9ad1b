import { accentShades, type Branding } from "@daybook/contract";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { brandingQuery } from "../api/settings.ts";
import { zone } from "../lib/zone.ts";

/** The grounds of tokens.css: `--bg`. */
const pages = { light: "#ffffff", dark: "#0d0d10" };
const tokens = ["--accent", "--accent-strong", "--accent-bg"];

/** The brand of the workspace that is open: its colour is put on the page, its time zone suggested to who chose none. */
export function useBrand(workspace: string): Branding | undefined {
  const brand = useQuery(brandingQuery(workspace)).data;
  const colour = brand?.accentColour ?? null;
  useEffect(() => {
    paint(colour);
    return () => paint(null);
  }, [colour]);
  useEffect(() => {
    if (brand) zone.suggest(brand.timeZone);
  }, [brand]);
  return brand;
}

function paint(colour: string | null): void {
  const { style } = document.documentElement;
  if (colour === null) {
    for (const token of tokens) style.removeProperty(token);
    return;
  }
  const { light, dark } = accentShades(colour, pages);
  style.setProperty("--accent", `light-dark(${light.accent}, ${dark.accent})`);
  style.setProperty("--accent-strong", `light-dark(${light.strong}, ${dark.strong})`);
  style.setProperty("--accent-bg", `light-dark(${light.ground}, ${dark.ground})`);
}
