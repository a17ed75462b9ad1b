import { activity, auditLog, logins, serverLogs } from "./lens.ts";
import { LogScreen } from "./log-screen.tsx";

/** Everything. */
export const Activity = () => <LogScreen lens={activity} />;
/** What staff did. */
export const AuditLog = () => <LogScreen lens={auditLog} />;
/** The life of servers. */
export const ServerLogs = () => <LogScreen lens={serverLogs} />;
/** Who signed in, or tried to. */
export const Logins = () => <LogScreen lens={logins} />;
