/** Limits of the settings, each with its reason. */
export const settingLimits = {
  /** A brand's name stands in the sidebar. */
  brandNameLengthMax: 40,
  /** The logo comes with the first answer that a page waits for. */
  logoBytesMax: 32 * 1024,
  /** Pixels a side: it is shown 18 pixels high. */
  logoPixelsMax: 1024,
  /** Each name is compared with every field of every event. */
  redactFieldsMax: 200,
  redactFieldLengthMax: 100,
  viewerOriginsMax: 50,
  /** Each gets a mail of its own; a list of people is an address of its own. */
  digestToMax: 20,
  /** It stands before the subject in a list of mails. */
  mailFromNameLengthMax: 100,
} as const;
