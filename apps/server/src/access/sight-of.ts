import type { Permission } from "@daybook/contract";
import type { Sight } from "../record/sight.ts";

/** The categories of money: all that the role billing sees. */
export const billingCategories = ["payment", "balance", "invoice", "order", "product"] as const;

/** What somebody may see of the record. Without `logs.personal`, personal fields are masked and cannot be searched. */
export function sightOf(role: string | undefined, permissions: ReadonlySet<Permission>): Sight {
  const personal = permissions.has("logs.personal");
  return role === "billing" ? { personal, categories: billingCategories } : { personal };
}
