/** A colour as `#rrggbb`, in lower case. */
export type Hex = `#${string}`;

/** WCAG 2.2, 1.4.3: text of normal size. */
export const contrastMin = 4.5;

/** The contrast of two colours, 1 to 21 (WCAG 2.2, "contrast ratio"). */
export function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

export interface AccentShades {
  /** Text and marks on a page. */
  accent: Hex;
  /** The ground under white text. */
  strong: Hex;
  /** The ground of what is chosen. */
  ground: Hex;
}

/** The shades of one accent colour for a light and a dark page, each readable where it is used: `accent` on `page` and on its own
 *  `ground`, white on `strong`. The colour itself must have enough contrast with white. */
export function accentShades(
  colour: string,
  page: { light: string; dark: string },
): Record<"light" | "dark", AccentShades> {
  const light = mixed(page.light, colour, 0.09);
  const dark = mixed(page.dark, colour, 0.26);
  const strong = mixed(colour, colour, 0);
  return {
    light: { accent: until(colour, "#000000", [page.light, light]), strong, ground: light },
    dark: { accent: until(colour, "#ffffff", [page.dark, dark]), strong, ground: dark },
  };
}

/** The first mixture on the way from one colour to another that can be read on every ground. */
function until(colour: string, towards: string, grounds: readonly string[]): Hex {
  for (let part = 0; part < 1; part += 0.04) {
    const shade = mixed(colour, towards, part);
    if (grounds.every((ground) => contrast(shade, ground) >= contrastMin)) return shade;
  }
  return mixed(towards, towards, 0);
}

function mixed(one: string, other: string, part: number): Hex {
  const [a, b] = [channels(one), channels(other)];
  const mix = a.map((value, at) => Math.round(value + ((b[at] ?? 0) - value) * part));
  return `#${mix.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = channels(colour).map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function channels(colour: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
}
