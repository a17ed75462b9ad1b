import { readFileSync } from "node:fs";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { forgetOldAccess } from "./access/access-keeping.ts";
import { registerAccess } from "./access/access-routes.ts";
import { tellExpiredSessions } from "./access/expired-sessions.ts";
import { consoleDist, viewerDist } from "./console-build.ts";
import type { Deps } from "./deps.ts";
import { registerFindingRoutes } from "./health/findings/finding-routes.ts";
import { registerHealthRoutes } from "./health/health-routes.ts";
import { registerMetricsRoutes } from "./health/metrics-routes.ts";
import { registerConsoleFiles } from "./http/console-files.ts";
import { registerDocsRoutes } from "./http/docs-routes.ts";
import { registerMailFrame } from "./http/mail-frame.ts";
import { collectOpenApi } from "./http/openapi.ts";
import { rateLimits, type Sender } from "./http/rate-limit.ts";
import { listRoutes } from "./http/route-list.ts";
import { registerSecurityHeaders } from "./http/security-headers.ts";
import { createServer } from "./http/server.ts";
import { StreamRoom } from "./http/stream-room.ts";
import { registerViewerFiles } from "./http/viewer-files.ts";
import { registerLoginRoutes } from "./logins/login-routes.ts";
import { registerCustomerMailRoutes } from "./mail/customer/customer-mail-routes.ts";
import { Digests } from "./mail/digest/digest.ts";
import { registerMailExportRoutes } from "./mail/log/mail-export-routes.ts";
import { registerMailLogRoutes } from "./mail/log/mail-log-routes.ts";
import { registerMailStatsRoutes } from "./mail/log/mail-stats-routes.ts";
import { forgetMailKeys } from "./mail/mail-key.ts";
import { registerMailRoutes } from "./mail/mail-routes.ts";
import { startNotices } from "./mail/notices/notice-follower.ts";
import { registerProviderEventRoutes } from "./mail/providers/provider-event-routes.ts";
import { registerProviderRoutes } from "./mail/providers/provider-routes.ts";
import { forgetOldReports } from "./mail/providers/provider-store.ts";
import { startMail } from "./mail/start-mail.ts";
import { registerSuppressionRoutes } from "./mail/suppression/suppression-routes.ts";
import { registerTemplateRoutes } from "./mail/templates/template-routes.ts";
import { registerTransportRoutes } from "./mail/transports/transport-routes.ts";
import { forgetTurns } from "./mail/wire/turn.ts";
import { registerActionRoutes } from "./record/action-routes.ts";
import { registerEventRoutes } from "./record/event-routes.ts";
import { registerEventViewRoutes } from "./record/event-view-routes.ts";
import { registerExportRoutes } from "./record/export-routes.ts";
import { registerIngestRoutes } from "./record/ingest-routes.ts";
import { startKeeping } from "./record/keeping.ts";
import { LiveLogs } from "./record/live/live-logs.ts";
import { registerLogRoutes } from "./record/log-routes.ts";
import { registerAboutRoutes } from "./record/origin/about-routes.ts";
import { clientIp, parseTrustedProxies } from "./record/origin/client-ip.ts";
import { registerPartyRoutes } from "./record/party/party-routes.ts";
import { registerRedactionRoutes } from "./record/redaction-routes.ts";
import { startRollUp } from "./record/search/roll-up.ts";
import { registerStreamRoutes } from "./record/stream-routes.ts";
import { startTermMerge } from "./record/term-merge.ts";
import { registerTraceRoutes } from "./record/trace-routes.ts";
import { allowViewerOrigins } from "./record/viewer/viewer-access.ts";
import { registerViewerRoutes } from "./record/viewer/viewer-routes.ts";
import { registerViewerTokenRoutes } from "./record/viewer/viewer-token-routes.ts";
import { forgetViewerTokens } from "./record/viewer/viewer-token-store.ts";
import { registerCheckInRoutes } from "./schedules/check-in-routes.ts";
import { HouseKeeping } from "./schedules/house-keeping.ts";
import { forgetOldRuns, hourly } from "./schedules/run-keeping.ts";
import { registerScheduleRoutes } from "./schedules/schedule-routes.ts";
import { startSchedules } from "./schedules/start-schedules.ts";
import { endpointCall } from "./tasks/callback/call-endpoint.ts";
import { forgetCallbacks, startCallbacks } from "./tasks/callback/callbacks.ts";
import { registerCustomerTaskRoutes } from "./tasks/customer/customer-task-routes.ts";
import { registerLineRoutes } from "./tasks/lines/line-routes.ts";
import { TaskHub } from "./tasks/live/task-hub.ts";
import { registerTaskStreamRoutes } from "./tasks/live/task-stream-routes.ts";
import { startTasks } from "./tasks/start-tasks.ts";
import { registerTaskRoutes } from "./tasks/task-routes.ts";
import { registerTaskTypeRoutes } from "./tasks/task-type-routes.ts";
import { registerDisplayRoutes } from "./views/display-routes.ts";
import { registerViewRoutes } from "./views/view-routes.ts";

import { registerSettingsRoutes } from "./workspace/settings-routes.ts";

export type { Deps } from "./deps.ts";

/** The version of this Daybook, from its package. */
export const version = (
  JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }
).version;

/** The whole HTTP application on its dependencies, not listening yet. Tests and `daybook start` make the same call. */
export async function buildApp(deps: Deps): Promise<FastifyInstance> {
  const app = createServer(deps);
  listRoutes(app);
  await registerSecurityHeaders(app, deps.config);
  await collectOpenApi(app, version);
  const limits = rateLimits(deps.config, deps.clock, rateSender(deps.config));
  allowViewerOrigins(app);
  limits.before(app);
  registerAccess(app, deps);
  limits.after(app);
  registerIngestRoutes(app, deps);
  registerEventRoutes(app, deps);
  registerEventViewRoutes(app, deps);
  registerTraceRoutes(app, deps);
  registerPartyRoutes(app, deps);
  registerLoginRoutes(app, deps);
  const room = new StreamRoom();
  const live = new LiveLogs({ ...deps, room });
  const hub = new TaskHub({ ...deps, room });
  app.addHook("preClose", async () => {
    room.close();
    await Promise.all([live.close(), hub.close()]);
  });
  registerStreamRoutes(app, deps, live);
  registerViewerTokenRoutes(app, deps);
  registerViewerRoutes(app, deps, live);
  registerViewerFiles(app, viewerDist, () => frameOrigins(deps));
  registerMailFrame(app);
  registerExportRoutes(app, deps);
  registerScheduleRoutes(app, deps);
  registerCheckInRoutes(app, deps);
  registerMailRoutes(app, deps);
  registerTransportRoutes(app, deps);
  registerTaskTypeRoutes(app, deps);
  registerTaskRoutes(app, deps);
  registerLogRoutes(app, deps);
  registerActionRoutes(app, deps);
  registerRedactionRoutes(app, deps);
  registerLineRoutes(app, deps);
  registerTaskStreamRoutes(app, deps, hub);
  registerCustomerTaskRoutes(app, deps, hub);
  registerSuppressionRoutes(app, deps);
  registerProviderRoutes(app, deps);
  registerProviderEventRoutes(app, deps);
  registerMailLogRoutes(app, deps);
  registerMailExportRoutes(app, deps);
  registerMailStatsRoutes(app, deps);
  registerTemplateRoutes(app, deps);
  registerCustomerMailRoutes(app, deps);
  registerViewRoutes(app, deps);
  registerDisplayRoutes(app, deps);
  registerSettingsRoutes(app, deps);
  registerAboutRoutes(app, deps, version);
  registerFindingRoutes(app, deps);
  registerMetricsRoutes(app, deps);
  registerHealthRoutes(app, deps);
  registerDocsRoutes(app);
  await registerConsoleFiles(app, consoleDist);
  await app.ready();
  return app;
}

/** Who may frame a customer's activity: the page is the same for all workspaces, so any of their origins; any at all if one allows it. */
async function frameOrigins({ db, settings }: Deps): Promise<string[]> {
  const { rows } = await db.query<{ id: number }>("select id from workspace");
  const lists = rows.map(({ id }) => settings.of(id).viewerOrigins);
  return lists.some((list) => list.length === 0) ? [] : [...new Set(lists.flat())];
}

/** Whose requests are counted together: an API key's, a session's, else an address's. */
function rateSender(config: Deps["config"]): (request: FastifyRequest) => Sender {
  const trusted = parseTrustedProxies(config.trustedProxies);
  return (request) => {
    if (request.origin === null) return { ip: clientIp(request.raw.socket.remoteAddress, request.headers, trusted) };
    const { access, origin } = request;
    return access === null
      ? { ip: origin.ip }
      : { ip: origin.ip, id: access.sessionId ?? access.id, kind: access.kind };
  };
}

export interface Work {
  /** Lets what is under way come to its end. */
  stop(): Promise<void>;
}

/** Everything that runs in the background (roles worker and all). */
export async function startWork(deps: Deps): Promise<Work> {
  const houseKeeping = new HouseKeeping(deps);
  const { watch } = houseKeeping;
  const digests = new Digests(deps);
  const keeping = startKeeping({
    ...deps,
    watch,
    partitions: deps.appender.partitions,
    chores: [
      { name: "tell of expired sessions", run: () => tellExpiredSessions(deps) },
      { name: "forget old sessions and failures", run: () => forgetOldAccess(deps.db, deps.clock()) },
      { name: "forget old viewer tokens", run: () => forgetViewerTokens(deps.db, deps.clock()) },
      { name: "forget old runs of schedules", run: hourly(() => forgetOldRuns(deps.ownerDb, deps.clock())) },
      { name: "forget turns of mails", run: hourly(() => forgetTurns(deps.db)) },
      { name: "forget keys of old mails", run: hourly(() => forgetMailKeys(deps.db, deps.clock())) },
      { name: "forget old calls to the panel", run: () => forgetCallbacks(deps.db, deps.clock()) },
      { name: "send the digest", run: async () => void (await digests.sendDue()) },
      { name: "forget old reports on mail", run: () => forgetOldReports(deps.db, deps.clock()) },
      { name: "sign the logs", run: () => deps.checkpoints.signRegularly() },
    ],
  });
  const tasks = await startTasks({ ...deps, version, callEndpoint: endpointCall(deps) });
  const callbacks = await startCallbacks(deps);
  const mail = await startMail(deps);
  const schedules = await startSchedules({ ...deps, houseKeeping });
  const others = [
    startRollUp({ ...deps, watch }),
    startTermMerge({ ...deps, watch }),
    startNotices({ ...deps, watch }),
    schedules,
    tasks,
    callbacks,
    mail,
  ];
  return { stop: async () => void (await Promise.all([keeping, ...others].map((work) => work.stop()))) };
}
