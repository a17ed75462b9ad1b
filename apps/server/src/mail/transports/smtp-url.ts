import { type TransportSettings, transportSettingsSchema } from "@daybook/contract";

const numbers = new Set(["connections", "perSecond", "perDomainPerMinute", "position"]);
const wrong = "expected smtp://user:password@host:587 or smtps://user:password@host";

/**
 * The installation's mail server as one address: `smtp://` asks for STARTTLS (port 587), `smtps://` speaks TLS from the first byte (465).
 * Further settings come as a query with the names of `PUT /mail/transports/:name`: `?connections=10&allowSelfSigned=true`; a server without
 * encryption is `?security=none`. It is tried after those of a workspace. Throws Error.
 */
export function readSmtpUrl(text: string): TransportSettings {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["smtp:", "smtps:"].includes(url.protocol) || url.hostname === "") throw new Error(wrong);
  const security = url.protocol === "smtps:" ? "tls" : "starttls";
  const query = [...url.searchParams].map(([name, value]) => [name, read(name, value)]);
  const settings = { position: 100, security, ...Object.fromEntries(query) };
  const port = url.port === "" ? { tls: 465, starttls: 587, none: 25 }[settings.security as "tls"] : Number(url.port);
  const parsed = transportSettingsSchema.omit({ dkim: true }).safeParse({
    ...{ host: url.hostname.replace(/^\[|\]$/g, ""), port, ...settings },
    ...(url.username === "" ? {} : { user: decodeURIComponent(url.username) }),
    ...(url.password === "" ? {} : { password: decodeURIComponent(url.password) }),
  });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Error(`${issue?.path.join(".")}: ${issue?.message}; ${wrong}`);
}

function read(name: string, value: string): unknown {
  if (numbers.has(name)) return Number(value);
  return value === "true" || value === "false" ? value === "true" : value;
}
