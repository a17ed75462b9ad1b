import fc from "fast-check";
import { expect, test } from "vitest";
import { accentShades, contrast, contrastMin } from "./colour.ts";

const pages = { light: "#ffffff", dark: "#0d0d10" };

test("contrast is 21 for black on white, 1 for a colour on itself, and the same both ways", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5);
  expect(contrast("#4f46e5", "#4f46e5")).toBe(1);
  // The example of WCAG's understanding document: #767676 is the lightest grey that passes on white.
  expect(contrast("#767676", "#ffffff")).toBeGreaterThanOrEqual(contrastMin);
  expect(contrast("#777777", "#ffffff")).toBeLessThan(contrastMin);
});

test("every shade of an accent can be read where it is used, whatever colour was chosen", () => {
  const colour = fc.integer({ min: 0, max: 0xffffff }).map((number) => `#${number.toString(16).padStart(6, "0")}`);
  fc.assert(
    fc.property(colour, (chosen) => {
      fc.pre(contrast(chosen, "#ffffff") >= contrastMin);
      const shades = accentShades(chosen, pages);
      for (const scheme of ["light", "dark"] as const) {
        const { accent, ground, strong } = shades[scheme];
        expect(contrast(accent, pages[scheme])).toBeGreaterThanOrEqual(contrastMin);
        expect(contrast(accent, ground)).toBeGreaterThanOrEqual(contrastMin);
        expect(contrast(strong, "#ffffff")).toBeGreaterThanOrEqual(contrastMin);
      }
    }),
  );
});
