import type { TransportSettings } from "@daybook/contract";
import { readSmtpUrl } from "./mail/transports/smtp-url.ts";
import { readConfigSchedules } from "./schedules/config-schedules.ts";
import { databaseAddress, hosts, list, oneOf, path, text, webAddress, whole } from "./setting-values.ts";
import { workspaceConfig } from "./workspace/workspace-config.ts";

/** One setting: where it comes from, how its text is read, what it means. The settings reference is made from this table. */
export interface Setting<T> {
  env: string;
  flag: string;
  /** The default as text, read like any other source; undefined = not set. */
  fallback: string | undefined;
  unit?: string;
  doc: string;
  /** Never printed. */
  secret?: true;
  /** Reads the text; throws Error with what was expected. `base` is the directory that relative paths start from. */
  read: (text: string, base: string) => T;
}

function setting<T>(definition: Setting<T>): Setting<T> {
  return definition;
}

/** Every setting. The name is the key in `daybook.config.json`. */
export const settings = {
  data: setting({
    env: "DAYBOOK_DATA",
    flag: "--data <directory>",
    fallback: "./data",
    doc: "The data directory: the embedded PostgreSQL, the signing key, reject files.",
    read: path,
  }),
  host: setting({
    env: "DAYBOOK_HOST",
    flag: "--host <address>",
    fallback: "127.0.0.1",
    doc: "The address to listen on. 0.0.0.0 or :: for every interface; put a TLS proxy in front then.",
    read: text,
  }),
  port: setting({
    env: "DAYBOOK_PORT",
    flag: "--port <number>",
    fallback: "4600",
    doc: "The port to listen on. 0 takes any free one.",
    read: whole(0, 65_535),
  }),
  publicUrl: setting<string | undefined>({
    env: "DAYBOOK_PUBLIC_URL",
    flag: "--public-url <url>",
    fallback: undefined,
    doc: "The address people use, for links and for the cookie's Secure flag. Left out, it is http://host:port.",
    read: webAddress,
  }),
  databaseUrl: setting<string | undefined>({
    env: "DATABASE_URL",
    flag: "--database-url <url>",
    fallback: undefined,
    secret: true,
    doc: "A PostgreSQL 15 or later to use instead of the embedded one. Not through a pooler in transaction mode: sessions hold locks, listen, and keep prepared statements.",
    read: databaseAddress,
  }),
  role: setting({
    env: "DAYBOOK_ROLE",
    flag: "--role <role>",
    fallback: "all",
    doc: "What this process does: api answers requests, worker runs background work, all does both.",
    read: oneOf("api", "worker", "all"),
  }),
  trustedProxies: setting({
    env: "DAYBOOK_TRUSTED_PROXIES",
    flag: "--trusted-proxies <list>",
    fallback: "",
    doc: "Addresses or CIDRs of the proxies in front, with commas. Only they are believed about X-Forwarded-For.",
    read: list,
  }),
  allowedHosts: setting({
    env: "DAYBOOK_ALLOWED_HOSTS",
    flag: "--allowed-hosts <list>",
    fallback: "",
    doc: "Hosts, addresses or CIDRs that Daybook may call although they are private, by http too, with commas: a panel on the same network.",
    read: hosts,
  }),
  geoCountry: setting<string | undefined>({
    env: "DAYBOOK_GEO_COUNTRY",
    flag: "--geo-country <file>",
    fallback: undefined,
    doc: "A country .mmdb file instead of the one that comes along. Read again when it changes.",
    read: path,
  }),
  geoAsn: setting<string | undefined>({
    env: "DAYBOOK_GEO_ASN",
    flag: "--geo-asn <file>",
    fallback: undefined,
    doc: "An ASN .mmdb file instead of the data that comes along. Read again when it changes.",
    read: path,
  }),
  actionsFile: setting<string | undefined>({
    env: "DAYBOOK_ACTIONS_FILE",
    flag: "--actions-file <file>",
    fallback: undefined,
    doc: "A JSON file that says what actions mean, over the catalogue, in every workspace. Read again when it changes.",
    read: path,
  }),
  handlersFile: setting<string | undefined>({
    env: "DAYBOOK_HANDLERS_FILE",
    flag: "--handlers-file <file>",
    fallback: undefined,
    doc: "A module whose default export is a list of tasks made with defineTask; workers run them. Read at the start.",
    read: path,
  }),
  commandsFile: setting<string | undefined>({
    env: "DAYBOOK_COMMANDS_FILE",
    flag: "--commands-file <file>",
    fallback: undefined,
    doc: "A JSON file of commands that workers run as tasks, by type. Read at the start; never set from the web.",
    read: path,
  }),
  redactFields: setting({
    env: "DAYBOOK_REDACT_FIELDS",
    flag: "--redact-fields <list>",
    fallback: "",
    doc: "Further field names whose values are redacted, with commas. The spelling does not matter: ssn covers customerSsn.",
    read: list,
  }),
  keepFields: setting({
    env: "DAYBOOK_KEEP_FIELDS",
    flag: "--keep-fields <list>",
    fallback: "",
    doc: "Field names that are not redacted although they look secret, with commas, e.g. nextToken.",
    read: list,
  }),
  logKey: setting<string | undefined>({
    env: "DAYBOOK_LOG_KEY",
    flag: "--log-key <keys>",
    fallback: undefined,
    secret: true,
    doc: "The private key that signs the log's checkpoints, for several servers that share one log; then, with commas, the verifier keys of earlier ones. Left out, it is kept in the data directory.",
    read: text,
  }),
  secretKey: setting<string | undefined>({
    env: "DAYBOOK_SECRET_KEY",
    flag: "--secret-key <text>",
    fallback: undefined,
    secret: true,
    doc: "Encrypts mails that wait and passwords of mail servers, for several servers that share a database: any long random text. Left out, a key is made in the data directory (keys/secret.key); keep it with the backups.",
    read: text,
  }),
  smtpUrl: setting<TransportSettings | undefined>({
    env: "DAYBOOK_SMTP_URL",
    flag: "--smtp-url <url>",
    fallback: undefined,
    secret: true,
    doc: "The mail server of the installation: smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host. Settings of transports may follow: ?connections=10&security=none. Workspaces may set further ones, which are tried first.",
    read: readSmtpUrl,
  }),
  smtpPort: setting({
    env: "DAYBOOK_SMTP_PORT",
    flag: "--smtp-port <number>",
    fallback: "2525",
    doc: "The port on which `daybook smtp` takes mails of panels, at the address of DAYBOOK_HOST. 0 takes any free one.",
    read: whole(0, 65_535),
  }),
  tlsCert: setting<string | undefined>({
    env: "DAYBOOK_TLS_CERT",
    flag: "--tls-cert <file>",
    fallback: undefined,
    doc: "The certificate of `daybook smtp` with its chain, as PEM. With it STARTTLS is offered, and needed to sign in.",
    read: path,
  }),
  tlsKey: setting<string | undefined>({
    env: "DAYBOOK_TLS_KEY",
    flag: "--tls-key <file>",
    fallback: undefined,
    doc: "The key of the certificate, as PEM.",
    read: path,
  }),
  smtpPlainLogin: setting({
    env: "DAYBOOK_SMTP_PLAIN_LOGIN",
    flag: "--smtp-plain-login <yes|no>",
    fallback: "no",
    doc: "Whether `daybook smtp` takes passwords without encryption at another address than the machine's own. Only on a network of your own.",
    read: oneOf("yes", "no"),
  }),
  url: setting<string | undefined>({
    env: "DAYBOOK_URL",
    flag: "--url <url>",
    fallback: undefined,
    doc: "Where `daybook run` finds Daybook. Left out, the server of this machine.",
    read: webAddress,
  }),
  key: setting<string | undefined>({
    env: "DAYBOOK_KEY",
    flag: "--key <key>",
    fallback: undefined,
    secret: true,
    doc: "The API key that `daybook run` checks in with, with the scope tasks:write (and schedules:write for --cron).",
    read: text,
  }),
  schedules: setting({
    env: "DAYBOOK_SCHEDULES",
    flag: "--schedules <json>",
    fallback: "[]",
    doc: "Schedules, as a JSON list of { name, cron, timeZone, task, … }, with the members of PUT /schedules/:name. Best in the file; they cannot be changed elsewhere, and one that is taken out is removed at the next start.",
    read: readConfigSchedules,
  }),
  logLevel: setting({
    env: "DAYBOOK_LOG_LEVEL",
    flag: "--log-level <level>",
    fallback: "info",
    doc: "How much the server says on standard error, one JSON object a line.",
    read: oneOf("fatal", "error", "warn", "info", "debug", "trace", "silent"),
  }),
  metricsToken: setting<string | undefined>({
    env: "DAYBOOK_METRICS_TOKEN",
    flag: "--metrics-token <token>",
    fallback: undefined,
    secret: true,
    doc: "A bearer token for /metrics. Left out, /metrics answers this machine alone.",
    read: text,
  }),
  sessionIdleMinutes: setting({
    env: "DAYBOOK_SESSION_IDLE_MINUTES",
    flag: "--session-idle-minutes <number>",
    fallback: "480",
    unit: "minutes",
    doc: "A sign-in ends when it was not used for so long.",
    read: whole(1, 525_600),
  }),
  sessionHours: setting({
    env: "DAYBOOK_SESSION_HOURS",
    flag: "--session-hours <number>",
    fallback: "168",
    unit: "hours",
    doc: "A sign-in ends after so long in any case.",
    read: whole(1, 8_760),
  }),
  requestsPerMinute: setting({
    env: "DAYBOOK_REQUESTS_PER_MINUTE",
    flag: "--requests-per-minute <number>",
    fallback: "1200",
    unit: "requests a minute",
    doc: "Requests that one address may make without an API key. 0 turns the limit off.",
    read: whole(0, 10_000_000),
  }),
  keyRequestsPerMinute: setting({
    env: "DAYBOOK_KEY_REQUESTS_PER_MINUTE",
    flag: "--key-requests-per-minute <number>",
    fallback: "600000",
    unit: "requests a minute",
    doc: "Requests that one API key may make. 0 turns the limit off.",
    read: whole(0, 100_000_000),
  }),
  databaseConnections: setting({
    env: "DAYBOOK_DATABASE_CONNECTIONS",
    flag: "--database-connections <number>",
    fallback: "12",
    doc: "Connections to PostgreSQL that this process may hold for requests (background work has 4 of its own).",
    read: whole(2, 500),
  }),
  postgresMemoryMegabytes: setting({
    env: "DAYBOOK_POSTGRES_MEMORY_MEGABYTES",
    flag: "--postgres-memory-megabytes <number>",
    fallback: "256",
    unit: "MB",
    doc: "shared_buffers of the embedded PostgreSQL.",
    read: whole(16, 1_048_576),
  }),
  buildConsole: setting({
    env: "DAYBOOK_BUILD_CONSOLE",
    flag: "--build-console <yes|no>",
    fallback: "yes",
    doc: "Whether start builds the console when it is missing or older than its sources.",
    read: oneOf("yes", "no"),
  }),
  idleTimeoutSeconds: setting({
    env: "DAYBOOK_IDLE_TIMEOUT_SECONDS",
    flag: "--idle-timeout-seconds <number>",
    fallback: "300",
    unit: "seconds",
    doc: "A connection on which nothing moves for so long, in the middle of a request, is closed.",
    read: whole(1, 86_400),
  }),
  drainSeconds: setting({
    env: "DAYBOOK_DRAIN_SECONDS",
    flag: "--drain-seconds <number>",
    fallback: "20",
    unit: "seconds",
    doc: "How long requests in progress may take to finish after SIGTERM.",
    read: whole(0, 3600),
  }),
  ...workspaceConfig,
};

export type SettingName = keyof typeof settings;

/** The value of every setting. */
export type Config = { [K in SettingName]: ReturnType<(typeof settings)[K]["read"]> };
