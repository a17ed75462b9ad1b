/** The screens there are, by group, in the order of the sidebar. A screen that does not exist is not named here. */
export const navigation = [
  {
    group: "Record",
    screens: [
      { to: "/w/$workspace/activity", name: "Activity", words: "log events search" },
      { to: "/w/$workspace/audit-log", name: "Audit log", words: "administrative staff evidence" },
      { to: "/w/$workspace/logins", name: "Logins", words: "sign-in failed password country" },
      { to: "/w/$workspace/server-logs", name: "Server logs", words: "server instance power backup suspension" },
    ],
  },
  {
    group: "Manage",
    screens: [
      { to: "/w/$workspace/integrity", name: "Integrity", words: "proof checkpoint verify tamper" },
      { to: "/w/$workspace/api-keys", name: "API keys", words: "token secret curl" },
      {
        to: "/w/$workspace/settings",
        name: "Settings",
        words: "brand colour logo time zone redaction proxies session notices",
      },
    ],
  },
  {
    group: "You",
    screens: [{ to: "/w/$workspace/account", name: "Account", words: "sessions two factors password sign out" }],
  },
] as const;
