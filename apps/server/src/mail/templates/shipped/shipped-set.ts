import { access } from "./access.ts";
import { account } from "./account.ts";
import { operations } from "./operations.ts";
import { partials } from "./partials.ts";
import { payments } from "./payments.ts";
import { purchases } from "./purchases.ts";
import { servers } from "./servers.ts";
import type { ShippedTemplate } from "./shipped-template.ts";
import { support } from "./support.ts";

/** Every template that comes with Daybook, by name. */
export const shippedTemplates: ReadonlyMap<string, ShippedTemplate> = new Map(
  [account, access, purchases, payments, servers, support, operations, partials]
    .flat()
    .map((each) => [each.name, each]),
);
