import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { AppError, mailAddress, mailLimits } from "@daybook/contract";
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from "smtp-server";
import type { ApiKeyRing } from "../../access/api-key-ring.ts";
import type { Deps } from "../../deps.ts";
import { RateLimit } from "../../http/rate-limit.ts";
import { RelayLogin, type RelayUser } from "./relay-login.ts";
import { relayedMails, UnreadableMessage } from "./relay-mail.ts";

export interface RelayOptions {
  host: string;
  port: number;
  /** PEM. Without them there is no STARTTLS. */
  tls?: { cert: string; key: string } | undefined;
  /** Whether passwords are taken without encryption. */
  plainLogin: boolean;
  /** The name that it goes by in its greeting. */
  name: string;
  /** How long connections may go on when it closes. */
  drainMs: number;
}

export interface RunningRelay {
  port: number;
  /** Uses another certificate from the next connection on. */
  renew(tls: { cert: string; key: string }): void;
  /** Takes no more, lets messages under way come to their end. */
  close(): Promise<void>;
}

export type RelayDeps = Pick<Deps, "clock" | "config" | "db" | "log" | "mail" | "record" | "settings">;

const CONNECTIONS_MAX = 200;
const CONNECTIONS_PER_ADDRESS_MAX = 50;
/** Messages that are being taken in, all together. */
const BYTES_MAX = 160 * 1024 * 1024;
/** RFC 5321, 4.5.3.2: a server waits five minutes for the next command. */
const SILENCE_MS = 5 * 60_000;
/** What a client hears when we are at fault: it keeps the message and tries again. */
const LATER = "4.3.0 Not now, try again later";

/**
 * The SMTP server for panels that cannot call an API: they set it as their mail server, and every mail is logged and delivered.
 * A message is answered with 250 when it is on disk with its tasks, for all of its recipients; else with 4xx or 5xx, and nothing of it is there.
 */
export async function openRelay(deps: RelayDeps, keys: ApiKeyRing, options: RelayOptions): Promise<RunningRelay> {
  const taking = new Taking(deps);
  const login = new RelayLogin(deps, keys);
  // A key that was revoked meanwhile sends nothing more.
  const stillMay = async ({ user }: SMTPServerSession): Promise<boolean> =>
    user === undefined || (await login.still(user as unknown as RelayUser));
  const byAddress = new Map<string, number>();
  const count = (ip: string, by: number): number => {
    const now = (byAddress.get(ip) ?? 0) + by;
    if (now > 0) byAddress.set(ip, now);
    else byAddress.delete(ip);
    return now;
  };
  const server = new SMTPServer({
    ...(options.tls === undefined ? { disabledCommands: ["STARTTLS"] } : { ...options.tls, minVersion: "TLSv1.2" }),
    name: options.name,
    banner: "Daybook",
    authMethods: ["PLAIN", "LOGIN"],
    allowInsecureAuth: options.plainLogin,
    size: mailLimits.relayBytesMax,
    maxClients: CONNECTIONS_MAX,
    socketTimeout: SILENCE_MS,
    closeTimeout: options.drainMs,
    disableReverseLookup: true,
    // Lines carry their own enhanced codes, which say more.
    hideENHANCEDSTATUSCODES: true,
    hideDSN: true,
    logger: false,
    onConnect: (session, done) => {
      // Not even offered before encryption: a client that is offered it may send the password at once.
      if (!options.plainLogin) session.disabledCommands = ["AUTH"];
      if (count(session.remoteAddress, 1) <= CONNECTIONS_PER_ADDRESS_MAX) done();
      else done(refusal(421, "4.7.0 Too many connections from this address"));
    },
    onSecure: (_socket, session, done) => {
      delete session.disabledCommands;
      done();
    },
    onClose: ({ remoteAddress }) => void count(remoteAddress, -1),
    onAuth: ({ password }, { remoteAddress }, done) =>
      void login.check(password ?? "", remoteAddress).then(
        (found) => ("code" in found ? done(refusal(found.code, found.line)) : done(null, { user: found })),
        (error: unknown) => {
          deps.log.warn({ err: error }, "the relay could not check a password");
          done(refusal(454, "4.7.0 Temporary authentication failure, try again later"));
        },
      ),
    onMailFrom: ({ address }, session, done) =>
      void stillMay(session).then(
        (may) => done(may ? (taking.wait(session) ?? senderRefusal(address)) : refusal(421, "4.7.0 Sign in again")),
        (error: unknown) => done(asRefusal(deps, error)),
      ),
    onRcptTo: ({ address }, { envelope }, done) => done(recipientRefusal(address, envelope.rcptTo.length)),
    onData: (stream, session, done) =>
      void taking.take(stream, session).then(
        (line) => done(null, line),
        (error: unknown) => done(asRefusal(deps, error)),
      ),
  });
  // Clients that break off in the middle are theirs to explain.
  server.on("error", (error) => deps.log.debug({ err: error }, "the relay lost a connection"));
  await listening(server, options);
  return {
    port: (server.server.address() as AddressInfo).port,
    renew: (tls) => server.updateSecureContext(tls),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Listens. Throws what keeps it from doing so, e.g. EADDRINUSE. */
async function listening(server: SMTPServer, { port, host }: RelayOptions): Promise<void> {
  server.listen(port, host);
  await Promise.race([
    once(server.server, "listening"),
    once(server.server, "error").then(([error]) => Promise.reject(error)),
  ]);
}

/** Takes messages in. */
class Taking {
  readonly #deps: RelayDeps;
  readonly #rate: RateLimit;
  #bytes = 0;

  constructor(deps: RelayDeps) {
    this.#deps = deps;
    this.#rate = new RateLimit(deps.config.keyRequestsPerMinute, deps.clock);
  }

  /** Counts a message for the key, or says that it has to wait. Nobody sends who has not signed in, whatever commands there are. */
  wait(session: SMTPServerSession): Error | undefined {
    const user = session.user as RelayUser | undefined;
    if (user === undefined) return refusal(530, "5.7.0 Sign in first, after STARTTLS");
    return this.#rate.take(user.keyId) > 0 ? refusal(450, "4.7.1 Too many messages, try again in a minute") : undefined;
  }

  /** Stores a message for all of its recipients; what is answered. */
  async take(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<string> {
    let held = 0;
    let isFull = false;
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        // What is refused is read to its end all the same: SMTP has no way to break off.
        isFull ||= this.#bytes + chunk.length > BYTES_MAX;
        if (isFull || stream.sizeExceeded) continue;
        held += chunk.length;
        this.#bytes += chunk.length;
        chunks.push(chunk);
      }
      if (stream.sizeExceeded) throw refusal(552, `5.3.4 The message is larger than ${mailLimits.relayBytesMax} bytes`);
      if (isFull) throw refusal(452, "4.3.1 Too many messages at a time, try again later");
      // Each recipient has a message of its own, and they are stored together.
      const all = held * session.envelope.rcptTo.length;
      if (all > BYTES_MAX) throw refusal(552, "5.3.4 Too large for so many recipients: send it to fewer at a time");
      if (this.#bytes - held + all > BYTES_MAX)
        throw refusal(452, "4.3.1 Too many messages at a time, try again later");
      this.#bytes += all - held;
      held = all;
      return await this.#store(Buffer.concat(chunks), session);
    } finally {
      this.#bytes -= held;
    }
  }

  async #store(source: Buffer, { envelope, user, remoteAddress, secure }: SMTPServerSession): Promise<string> {
    const { workspaceId, keyId, name } = user as RelayUser;
    const from = envelope.mailFrom === false ? "" : envelope.mailFrom.address;
    const to = envelope.rcptTo.map(({ address }) => address);
    const mails = await relayedMails(source, { from, to }, this.#deps.clock());
    const taken = await this.#deps.mail.relay(workspaceId, mails, {
      actor: { type: "api_key", id: keyId, name },
      origin: { ip: remoteAddress, auth: "api_key" },
    });
    this.#deps.log.debug({ workspaceId, mails: taken.length, secure }, "the relay took a message");
    return `2.0.0 Ok: queued as ${taken[0]?.message.id ?? ""}`;
  }
}

/** An error as smtp-server answers it. */
function refusal(code: number, line: string): Error & { responseCode: number } {
  return Object.assign(new Error(line), { responseCode: code });
}

function senderRefusal(address: string): Error | undefined {
  if (address === "") return refusal(550, "5.7.1 Messages without a sender are not taken here");
  return mailAddress.safeParse(address).success ? undefined : refusal(553, "5.1.7 This is not a sender's address");
}

function recipientRefusal(address: string, before: number): Error | undefined {
  if (before >= mailLimits.relayRecipientsMax)
    return refusal(
      452,
      `4.5.3 More than ${mailLimits.relayRecipientsMax} recipients: send the others in a message of their own`,
    );
  return mailAddress.safeParse(address).success ? undefined : refusal(553, "5.1.3 This is not a recipient's address");
}

/** What a client hears of an error: for good if the message is at fault, for now if we are. */
function asRefusal(deps: Pick<Deps, "log">, error: unknown): Error {
  if (error instanceof Error && "responseCode" in error) return error;
  if (error instanceof UnreadableMessage) return refusal(554, `5.6.0 ${error.message}`);
  if (error instanceof AppError && error.status < 500 && error.status !== 429)
    return refusal(554, `5.6.0 ${error.message.replace(/[^\x20-\x7e]+/g, " ")}`);
  deps.log.error({ err: error }, "the relay could not take a message");
  return refusal(451, LATER);
}
