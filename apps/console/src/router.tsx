import {
  createRootRoute,
  createRoute,
  createRouter,
  Link,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { meQuery } from "./api/access.ts";
import { Problem } from "./api/request.ts";
import { Frame } from "./frame/frame.tsx";
import { readLogSearch } from "./lib/range.ts";
import { parseUrlSearch, writeUrlSearch } from "./lib/url-search.ts";
import { lastWorkspace } from "./lib/workspace.ts";
import { onSignedOut, queryClient } from "./query-client.ts";
import { Activity, AuditLog, Logins, ServerLogs } from "./screens/activity/log-screens.tsx";
import { readAttackSearch } from "./screens/brute-force/attack-search.ts";
import { readMailSearch } from "./screens/mail-log/mail-search.ts";
import { readSuppressionSearch } from "./screens/mail-suppressions/suppression-search.ts";
import { readTemplateListSearch, readTemplateSearch } from "./screens/mail-templates/template-search.ts";
import { readPartySearch } from "./screens/party/party-search.ts";
import { readScheduleSearch } from "./screens/schedules/schedule-search.ts";
import { readTaskSearch } from "./screens/tasks/task-search.ts";
import { Empty, Failure } from "./ui/states.tsx";

const root = createRootRoute({
  component: Outlet,
  notFoundComponent: () => (
    <Empty title="There is no such page">
      <Link to="/">To the activity</Link>
    </Empty>
  ),
  errorComponent: ({ error, reset }) => <Failure error={error} retry={reset} />,
});

/** `/` and `/activity` lead to the Activity screen of the workspace that was open last. */
const home = createRoute({ getParentRoute: () => root, path: "/", beforeLoad: toWorkspace });
const plainActivity = createRoute({
  getParentRoute: () => root,
  path: "/activity",
  validateSearch: readLogSearch,
  beforeLoad: toWorkspace,
});

const setup = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  component: lazyRouteComponent(() => import("./screens/setup/setup.tsx"), "Setup"),
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (search: Record<string, unknown>): { next?: string } =>
    typeof search.next === "string" && /^\/(?![/\\])/.test(search.next) ? { next: search.next } : {},
  component: lazyRouteComponent(() => import("./screens/sign-in/sign-in.tsx"), "SignIn"),
});

const password = createRoute({
  getParentRoute: () => root,
  path: "/password",
  component: lazyRouteComponent(() => import("./screens/password/password.tsx"), "Password"),
});

const workspace = createRoute({ getParentRoute: () => root, path: "/w/$workspace", component: Frame });

const activity = createRoute({
  getParentRoute: () => workspace,
  path: "/activity",
  validateSearch: readLogSearch,
  component: Activity,
});
const auditLog = createRoute({
  getParentRoute: () => workspace,
  path: "/audit-log",
  validateSearch: readLogSearch,
  component: AuditLog,
});
const serverLogs = createRoute({
  getParentRoute: () => workspace,
  path: "/server-logs",
  validateSearch: readLogSearch,
  component: ServerLogs,
});
const logins = createRoute({
  getParentRoute: () => workspace,
  path: "/logins",
  validateSearch: readLogSearch,
  component: Logins,
});
const bruteForce = createRoute({
  getParentRoute: () => workspace,
  path: "/logins/brute-force",
  validateSearch: readAttackSearch,
  component: lazyRouteComponent(() => import("./screens/brute-force/brute-force.tsx"), "BruteForce"),
});
const actor = createRoute({
  getParentRoute: () => workspace,
  path: "/actors/$type/$id",
  validateSearch: readPartySearch,
  component: lazyRouteComponent(() => import("./screens/party/party.tsx"), "ActorPage"),
});
const target = createRoute({
  getParentRoute: () => workspace,
  path: "/targets/$type/$id",
  validateSearch: readPartySearch,
  component: lazyRouteComponent(() => import("./screens/party/party.tsx"), "TargetPage"),
});
const address = createRoute({
  getParentRoute: () => workspace,
  path: "/addresses/$ip",
  validateSearch: readPartySearch,
  component: lazyRouteComponent(() => import("./screens/party/party.tsx"), "AddressPage"),
});
const trace = createRoute({
  getParentRoute: () => workspace,
  path: "/trace/$id",
  validateSearch: (search: Record<string, unknown>): { minutes?: number } => {
    const minutes = Number(search.minutes);
    return Number.isInteger(minutes) && minutes > 0 && minutes <= 1440 ? { minutes } : {};
  },
  component: lazyRouteComponent(() => import("./screens/trace/trace.tsx"), "TracePage"),
});
const tasks = createRoute({
  getParentRoute: () => workspace,
  path: "/tasks",
  validateSearch: readTaskSearch,
  component: lazyRouteComponent(() => import("./screens/tasks/tasks.tsx"), "Tasks"),
});
const task = createRoute({
  getParentRoute: () => workspace,
  path: "/tasks/$id",
  component: lazyRouteComponent(() => import("./screens/tasks/page/task-page.tsx"), "TaskPage"),
});
const schedules = createRoute({
  getParentRoute: () => workspace,
  path: "/schedules",
  validateSearch: readScheduleSearch,
  component: lazyRouteComponent(() => import("./screens/schedules/schedules.tsx"), "Schedules"),
});
const schedule = createRoute({
  getParentRoute: () => workspace,
  path: "/schedules/$name",
  component: lazyRouteComponent(() => import("./screens/schedules/schedule-page.tsx"), "SchedulePage"),
});
const mailTemplates = createRoute({
  getParentRoute: () => workspace,
  path: "/mail-templates",
  validateSearch: readTemplateListSearch,
  component: lazyRouteComponent(() => import("./screens/mail-templates/mail-templates.tsx"), "MailTemplates"),
});
const mailTemplate = createRoute({
  getParentRoute: () => workspace,
  path: "/mail-templates/$name",
  validateSearch: readTemplateSearch,
  component: lazyRouteComponent(() => import("./screens/mail-templates/template-page.tsx"), "TemplatePage"),
});
const mailLog = createRoute({
  getParentRoute: () => workspace,
  path: "/mail-log",
  validateSearch: readMailSearch,
  component: lazyRouteComponent(() => import("./screens/mail-log/mail-log.tsx"), "MailLog"),
});
const mail = createRoute({
  getParentRoute: () => workspace,
  path: "/mail-log/$id",
  component: lazyRouteComponent(() => import("./screens/mail-log/mail/mail-page.tsx"), "MailPage"),
});
const mailAddress = createRoute({
  getParentRoute: () => workspace,
  path: "/mail-addresses/$address",
  component: lazyRouteComponent(() => import("./screens/mail-address/mail-address.tsx"), "MailAddress"),
});
const mailSuppressions = createRoute({
  getParentRoute: () => workspace,
  path: "/mail-suppressions",
  validateSearch: readSuppressionSearch,
  component: lazyRouteComponent(() => import("./screens/mail-suppressions/suppressions.tsx"), "Suppressions"),
});
const keys = createRoute({
  getParentRoute: () => workspace,
  path: "/api-keys",
  component: lazyRouteComponent(() => import("./screens/api-keys/api-keys.tsx"), "ApiKeys"),
});
const integrity = createRoute({
  getParentRoute: () => workspace,
  path: "/integrity",
  component: lazyRouteComponent(() => import("./screens/integrity/integrity.tsx"), "Integrity"),
});
const settings = createRoute({
  getParentRoute: () => workspace,
  path: "/settings",
  component: lazyRouteComponent(() => import("./screens/settings/settings.tsx"), "SettingsScreen"),
});
const mailSettings = createRoute({
  getParentRoute: () => workspace,
  path: "/settings/mail",
  component: lazyRouteComponent(() => import("./screens/mail-settings/mail-settings.tsx"), "MailSettings"),
});
const team = createRoute({
  getParentRoute: () => workspace,
  path: "/team",
  component: lazyRouteComponent(() => import("./screens/team/team.tsx"), "Team"),
});
const roles = createRoute({
  getParentRoute: () => workspace,
  path: "/roles",
  component: lazyRouteComponent(() => import("./screens/roles/roles.tsx"), "Roles"),
});
const workspaces = createRoute({
  getParentRoute: () => workspace,
  path: "/workspaces",
  component: lazyRouteComponent(() => import("./screens/workspaces/workspaces.tsx"), "Workspaces"),
});
const account = createRoute({
  getParentRoute: () => workspace,
  path: "/account",
  component: lazyRouteComponent(() => import("./screens/account/account.tsx"), "Account"),
});

async function toWorkspace({ search }: { search: object }): Promise<never> {
  try {
    const me = await queryClient.ensureQueryData(meQuery);
    const known = me.workspaces.find((each) => each.slug === lastWorkspace.get()) ?? me.workspaces[0];
    throw redirect({
      to: "/w/$workspace/activity",
      params: { workspace: known?.slug ?? "main" },
      search,
      replace: true,
    });
  } catch (error) {
    if (error instanceof Problem && error.status === 401) throw redirect({ to: "/sign-in", replace: true });
    throw error;
  }
}

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    plainActivity,
    setup,
    signIn,
    password,
    workspace.addChildren([
      activity,
      auditLog,
      serverLogs,
      logins,
      bruteForce,
      actor,
      target,
      address,
      trace,
      tasks,
      task,
      schedules,
      schedule,
      mailLog,
      mail,
      mailAddress,
      mailSuppressions,
      mailTemplates,
      mailTemplate,
      keys,
      integrity,
      settings,
      mailSettings,
      team,
      roles,
      workspaces,
      account,
    ]),
  ]),
  parseSearch: parseUrlSearch,
  stringifySearch: writeUrlSearch,
  defaultPreload: "intent",
});

onSignedOut(() => {
  const at = router.state.location;
  if (at.pathname === "/sign-in" || at.pathname === "/setup" || at.pathname === "/password" || at.pathname === "/")
    return;
  void router.navigate({ to: "/sign-in", search: { next: at.href }, replace: true });
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
