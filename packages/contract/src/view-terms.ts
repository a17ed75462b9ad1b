/** The screens of the log, each a look at the same log through a query of its own. */
export const logScreens = ["activity", "audit-log", "server-logs", "logins"] as const;

export type LogScreen = (typeof logScreens)[number];

/** What every event of a screen fulfils; empty for everything. A console asks for what was typed and then for this. */
export const logScreenQueries: Record<LogScreen, string> = {
  activity: "",
  "audit-log": "kind:administrative",
  "server-logs": "target:server/*,instance/*,vm/*,pod/*",
  logins: "action:auth.login",
};

/** How much room a row of a table takes. */
export const densities = ["comfortable", "compact"] as const;

export type Density = (typeof densities)[number];

/** Limits of saved views, each with its reason. */
export const viewLimits = {
  /** A name has to fit into the sidebar. */
  nameLengthMax: 100,
  /** Views of one person in one workspace: all of them are listed at once. */
  viewsMax: 200,
  /** Columns of one table. */
  columnsMax: 40,
} as const;
