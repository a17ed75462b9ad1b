/** Limits of brute force and block lists, each with its reason. */
export const attackLimits = {
  /** Failed sign-ins of one address or account within `minutesDefault` before it is called an attack. */
  minDefault: 5,
  minMax: 100_000,
  minutesDefault: 10,
  minutesMax: 7 * 24 * 60,
  /** Groups in one answer, the largest first. */
  groupsDefault: 50,
  groupsMax: 500,
  /** Addresses in one block list: firewalls take far more, people do not read so many. */
  blockListMax: 10_000,
  /** Without `from`, the range begins so long before its end. */
  daysDefault: 7,
} as const;

export const blockListFormats = ["text", "csv", "fail2ban", "nftables"] as const;
export type BlockListFormat = (typeof blockListFormats)[number];
