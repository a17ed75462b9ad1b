import type { Permission } from "@daybook/contract";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { meQuery } from "../api/access.ts";

/** The screens there are, by group, in the order of the sidebar. A screen that does not exist is not named here. */
const navigation = [
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
    group: "Operations",
    screens: [
      {
        to: "/w/$workspace/tasks",
        name: "Tasks",
        words: "jobs queue deploys backups migrations running failed progress worker",
        needs: "tasks.read",
      },
      {
        to: "/w/$workspace/schedules",
        name: "Schedules",
        words: "cron jobs recurring late missed next run monitoring",
        needs: "tasks.read",
      },
      {
        to: "/w/$workspace/mail-log",
        name: "Mail log",
        words: "email delivery bounced never got it recipient smtp",
        needs: "mail.read",
      },
      {
        to: "/w/$workspace/mail-templates",
        name: "Mail templates",
        words: "e-mail text subject language liquid partial layout preview",
        needs: "mail.read",
      },
    ],
  },
  {
    group: "Manage",
    screens: [
      {
        to: "/w/$workspace/integrity",
        name: "Integrity",
        words: "proof checkpoint verify tamper",
        needs: "proofs.read",
      },
      { to: "/w/$workspace/team", name: "Team", words: "staff people members invite", needs: "staff.read" },
      { to: "/w/$workspace/roles", name: "Roles", words: "permissions rights", needs: "staff.read" },
      { to: "/w/$workspace/api-keys", name: "API keys", words: "token secret curl", needs: "keys.read" },
      { to: "/w/$workspace/workspaces", name: "Workspaces", words: "brands panels rename" },
      {
        to: "/w/$workspace/settings",
        name: "Settings",
        words: "brand colour logo time zone redaction proxies session notices mail smtp dkim sender",
        needs: "settings.read",
      },
    ],
  },
  {
    group: "You",
    screens: [{ to: "/w/$workspace/account", name: "Account", words: "sessions two factors password sign out" }],
  },
] as const;

/** The screens that one may see in a workspace; all of them until that is known. The server decides what they show. */
export function useNavigation(workspace: string) {
  const me = useQuery(meQuery);
  const held = me.data?.workspaces.find((each) => each.slug === workspace)?.permissions;
  return useMemo(() => {
    const open = (needs: Permission) => held === undefined || held.includes(needs);
    return navigation
      .map(({ group, screens }) => ({
        group,
        screens: screens.filter((screen) => !("needs" in screen) || open(screen.needs)),
      }))
      .filter(({ screens }) => screens.length > 0);
  }, [held]);
}
