import { fullSight, type Sight } from "../record/sight.ts";

/** The categories of money: all that the role billing sees. */
export const billingCategories = ["payment", "balance", "invoice", "order", "product"] as const;

/** What a member of staff in this role may see of the record. Keys and the command line see everything. */
export function sightOfRole(role: string): Sight {
  if (role === "billing") return { personal: true, categories: billingCategories };
  return role === "support" ? { personal: false } : fullSight;
}
