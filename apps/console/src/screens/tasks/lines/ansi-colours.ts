import { contrast, contrastMin } from "@daybook/contract";
import type { Look } from "./ansi.ts";

/** The grounds of the log pane: `--side` of tokens.css. */
const grounds = { light: "#fafafa", dark: "#111115" };
const textColours = { light: "#1b1b1f", dark: "#ececf1" };

/** The first 16 colours as xterm has them; on the pane's ground their shades are mixed until they can be read. */
const palette = [
  "#000000",
  "#cd0000",
  "#00a000",
  "#b08800",
  "#1e5bd8",
  "#b000b0",
  "#00a0a0",
  "#c8c8c8",
  "#7f7f7f",
  "#ff4040",
  "#2fd02f",
  "#e0c000",
  "#5c8cff",
  "#ff5cff",
  "#2fd8d8",
  "#ffffff",
];

const known = new Map<string, string>();

/** The CSS of a look: text that has at least 4.5:1 on its ground, in either theme. Undefined when nothing is to be said. */
export function styleOf(look: Look): React.CSSProperties | undefined {
  const { fg, bg, bold, dim, italic, underline, strike, inverse } = look;
  const style: React.CSSProperties = {};
  const [front, back] = inverse ? [bg, fg] : [fg, bg];
  if (back !== undefined || inverse) {
    const ground = { light: hexOf(back) ?? textColours.light, dark: hexOf(back) ?? textColours.dark };
    const text = { light: hexOf(front) ?? grounds.light, dark: hexOf(front) ?? grounds.dark };
    style.backgroundColor = both(ground.light, ground.dark);
    style.color =
      front === undefined && !inverse
        ? both(onGround(ground.light), onGround(ground.dark))
        : both(readable(text.light, ground.light), readable(text.dark, ground.dark));
  } else if (front !== undefined) {
    const hex = hexOf(front) ?? "#000000";
    style.color = both(readable(hex, grounds.light), readable(hex, grounds.dark));
  } else if (dim) style.color = "var(--soft)";
  if (bold) style.fontWeight = 650;
  if (italic) style.fontStyle = "italic";
  if (underline || strike)
    style.textDecorationLine = [underline && "underline", strike && "line-through"].filter(Boolean).join(" ");
  return Object.keys(style).length > 0 ? style : undefined;
}

function hexOf(colour: Look["fg"]): string | undefined {
  return typeof colour === "number" ? palette[colour] : colour;
}

function both(light: string, dark: string): string {
  return light === dark ? light : `light-dark(${light}, ${dark})`;
}

function onGround(ground: string): string {
  return contrast("#000000", ground) > contrast("#ffffff", ground) ? "#000000" : "#ffffff";
}

/** The colour, or the nearest shade of it on the way to black or white that can be read on a ground. */
export function readable(colour: string, ground: string): string {
  const key = `${colour}${ground}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const towards = onGround(ground);
  let shade = colour;
  for (let part = 0.05; contrast(shade, ground) < contrastMin && part <= 1; part += 0.05)
    shade = mixed(colour, towards, part);
  if (contrast(shade, ground) < contrastMin) shade = towards;
  if (known.size > 5_000) known.clear(); // Somebody prints a picture.
  known.set(key, shade);
  return shade;
}

function mixed(one: string, other: string, part: number): string {
  const channel = (colour: string, at: number) => Number.parseInt(colour.slice(at, at + 2), 16);
  const mix = [1, 3, 5].map((at) => Math.round(channel(one, at) * (1 - part) + channel(other, at) * part));
  return `#${mix.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}
