/** What the customer with a viewer token may see. */
export interface CustomerSight {
  /** The same for equal sights. */
  key: string;
}
