import { account } from "./account.ts";
import { partials } from "./partials.ts";
import type { ShippedTemplate } from "./shipped-template.ts";

/** Every template that comes with Daybook, by name. */
export const shippedTemplates: ReadonlyMap<string, ShippedTemplate> = new Map(
  [...account, ...partials].map((each) => [each.name, each]),
);
