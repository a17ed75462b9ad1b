import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { type ParsedMail, simpleParser } from "mailparser";
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from "smtp-server";
import { type CertificateOptions, testCertificate } from "./certificate.ts";

/** Reads a mail as those do who get it. */
export const parseMail = simpleParser;

/**
 * Where in a conversation something happens: at the greeting, AUTH, MAIL FROM, RCPT TO, DATA (before 354), in the middle of the message, and
 * instead of the answer to it.
 */
export type MailStage = "connect" | "login" | "sender" | "recipient" | "data" | "middle" | "reply";

/** How a mail server behaves; what is left out goes well. Lines are as the server says them: `550 5.1.1 No such user`; `\n` makes several. */
export interface MailServerBehaviour {
  /** What it refuses at a stage (any but middle): always, or as the address has it. */
  refuse?: Partial<Record<MailStage, string | ((address: string) => string | undefined)>>;
  /** Where it says nothing any more. */
  stall?: MailStage;
  /** Where it breaks the connection. At `reply` it has taken the mail: only the answer is lost. */
  cut?: MailStage;
  /** So many tries of each recipient are put off. */
  greylist?: number;
  /** More mails within a second are put off. */
  perSecond?: number;
  /** It takes so long before it answers to a message, in milliseconds. */
  delayMs?: number;
  /** What it says with 250. */
  answer?: string;
}

export interface MailServerOptions {
  /** Left out, STARTTLS is offered and needed for AUTH. */
  security?: "starttls" | "tls" | "none";
  certificate?: CertificateOptions;
  /** Left out, nobody logs in. */
  login?: { user: string; password: string };
  /** Bytes of a message at most, as it says in EHLO. */
  size?: number;
}

/** A mail that the server took. */
export interface TakenMail {
  from: string;
  to: string[];
  raw: Buffer;
  parsed: ParsedMail;
  secure: boolean;
  user: string | undefined;
  atMs: number;
}

export interface TestMailServer {
  host: string;
  port: number;
  /** smtp://127.0.0.1:<port>, with the login if there is one. */
  url: string;
  /** PEM: who trusts it can connect. */
  cert: string;
  /** In the order in which it took them. */
  mails: TakenMail[];
  /** Connections that were made, and how many at a time at most. */
  connections: { made: number; most: number };
  /** From now on. */
  behave(behaviour: MailServerBehaviour): void;
  /** Resolves when a conversation comes to the stage the next time. */
  reaches(stage: MailStage): Promise<void>;
  /** Takes no connections and breaks those that are there. */
  down(): Promise<void>;
  /** Listens again, on the same port. */
  up(): Promise<void>;
  close(): Promise<void>;
}

/** The parts of smtp-server's connections that it has no types for. */
interface Connection {
  id: string;
  _socket: Socket;
  handler_DATA(command: string, callback: () => void): void;
  send(code: number, lines: string | string[]): void;
}

/** A real SMTP server (on smtp-server) whose behaviour can be changed while it runs. */
export async function testMailServer(options: MailServerOptions = {}): Promise<TestMailServer> {
  const { key, cert } = testCertificate(options.certificate);
  const server = new MailServer({ ...options, key, cert });
  await server.up();
  const login = options.login;
  const scheme = options.security === "tls" ? "smtps" : "smtp";
  const auth = login === undefined ? "" : `${encodeURIComponent(login.user)}:${encodeURIComponent(login.password)}@`;
  return {
    host: "127.0.0.1",
    port: server.port,
    url: `${scheme}://${auth}127.0.0.1:${server.port}`,
    cert,
    mails: server.mails,
    connections: server.count,
    behave: (behaviour) => server.behave(behaviour),
    reaches: (stage) => server.reaches(stage),
    down: () => server.down(),
    up: () => server.up(),
    close: () => server.down(),
  };
}

type Callback = (error?: Error | null) => void;

class MailServer {
  readonly mails: TakenMail[] = [];
  readonly count = { made: 0, most: 0 };
  port = 0;
  readonly #options: MailServerOptions & { key: string; cert: string };
  #behaviour: MailServerBehaviour = {};
  #server: SMTPServer | undefined;
  readonly #tries = new Map<string, number>();
  #recent: number[] = [];
  #waiting: { stage: MailStage; resolve: () => void }[] = [];

  constructor(options: MailServerOptions & { key: string; cert: string }) {
    this.#options = options;
  }

  behave(behaviour: MailServerBehaviour): void {
    this.#behaviour = behaviour;
  }

  reaches(stage: MailStage): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ stage, resolve }));
  }

  async up(): Promise<void> {
    const { security = "starttls", login, size, key, cert } = this.#options;
    const server = new SMTPServer({
      ...{ key, cert, secure: security === "tls", name: "mail.test", logger: false, disableReverseLookup: true },
      ...(size === undefined ? {} : { size, rejectOversized: true }),
      authOptional: login === undefined,
      disabledCommands: [...(security === "none" ? ["STARTTLS"] : []), ...(login === undefined ? ["AUTH"] : [])],
      ...(security === "none" ? { allowInsecureAuth: true } : {}),
      closeTimeout: 1,
      ...this.#handlers(),
    });
    // A connection that is cut is what some tests are about.
    server.on("error", () => {});
    server.listen(this.port, "127.0.0.1");
    await once(server.server, "listening");
    this.port = (server.server.address() as AddressInfo).port;
    this.#server = server;
  }

  async down(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) => server.close(resolve));
    for (const connection of server.connections) (connection as unknown as Connection)._socket.destroy();
    await closed;
  }

  #handlers(): SMTPServerOptions {
    return {
      onConnect: (session, callback) => {
        this.count.made++;
        this.count.most = Math.max(this.count.most, this.#server?.connections.size ?? 0);
        this.#judgeData(session);
        this.#at("connect", session, "", callback);
      },
      onAuth: (auth, session, callback) => {
        const { user, password } = this.#options.login ?? { user: "", password: "" };
        this.#at("login", session, auth.username ?? "", (error) => {
          if (error) callback(error);
          else if (auth.username === user && auth.password === password) callback(null, { user });
          else callback(refusal("535 5.7.8 Error: authentication failed: authentication failure"));
        });
      },
      onMailFrom: ({ address }, session, callback) =>
        this.#at("sender", session, address, (error) => callback(error ?? this.#tooMany())),
      onRcptTo: ({ address }, session, callback) =>
        this.#at("recipient", session, address, (error) => callback(error ?? this.#putOff(address))),
      onData: (stream, session, callback) => {
        const chunks: Buffer[] = [];
        stream.on("data", (chunk: Buffer) => {
          if (chunks.push(chunk) > 1) return;
          this.#at("middle", session, "", () => {});
          if (this.#behaviour.stall !== "middle") return;
          stream.pause();
          this.#connection(session)?._socket.pause();
        });
        stream.on("end", () => void this.#take(Buffer.concat(chunks), session, callback));
      },
    };
  }

  /** smtp-server asks nobody at DATA: the answer to it is put in front of its own. */
  #judgeData(session: SMTPServerSession): void {
    const connection = this.#connection(session);
    if (connection === undefined) return;
    const own = connection.handler_DATA.bind(connection);
    connection.handler_DATA = (command, callback) =>
      this.#at("data", session, session.envelope.rcptTo[0]?.address ?? "", (error) => {
        if (!error) return own(command, callback);
        const { responseCode = 451 } = error as { responseCode?: number };
        connection.send(responseCode, error.message);
        callback();
      });
  }

  async #take(raw: Buffer, session: SMTPServerSession, callback: (error: Error | null, line?: string) => void) {
    const { mailFrom, rcptTo } = session.envelope;
    const { delayMs = 0, refuse, cut, answer } = this.#behaviour;
    // A small mail comes whole with its middle.
    if (cut === "middle") return;
    const parsed = await simpleParser(raw);
    if (delayMs > 0) await new Promise((next) => setTimeout(next, delayMs));
    if (refuse?.reply === undefined)
      this.mails.push({
        ...{ from: mailFrom ? mailFrom.address : "", to: rcptTo.map(({ address }) => address), raw, parsed },
        ...{ secure: session.secure, user: session.user, atMs: Date.now() },
      });
    this.#at("reply", session, rcptTo[0]?.address ?? "", (error) =>
      callback(error ?? null, answer ?? `2.0.0 Ok: queued as ${this.mails.length.toString(16).padStart(10, "0")}`),
    );
  }

  /** Does at a stage what the behaviour says: refuse, cut, say nothing, or go on. */
  #at(stage: MailStage, session: SMTPServerSession, address: string, next: Callback): void {
    const { refuse, stall, cut } = this.#behaviour;
    const reached = this.#waiting.filter((each) => each.stage === stage);
    this.#waiting = this.#waiting.filter((each) => each.stage !== stage);
    for (const { resolve } of reached) resolve();
    if (cut === stage) this.#connection(session)?._socket.destroy();
    if (cut === stage || stall === stage) return;
    const rule = refuse?.[stage];
    const line = typeof rule === "function" ? rule(address) : rule;
    next(line === undefined ? null : refusal(line));
  }

  #putOff(address: string): Error | null {
    const { greylist = 0 } = this.#behaviour;
    const tries = (this.#tries.get(address) ?? 0) + 1;
    this.#tries.set(address, tries);
    if (tries > greylist) return null;
    return refusal(`450 4.2.0 <${address}>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch`);
  }

  #tooMany(): Error | null {
    const { perSecond } = this.#behaviour;
    const now = Date.now();
    this.#recent = this.#recent.filter((at) => at > now - 1_000);
    if (perSecond !== undefined && this.#recent.length >= perSecond)
      return refusal("450 4.7.1 Error: too much mail from 127.0.0.1");
    this.#recent.push(now);
    return null;
  }

  #connection(session: SMTPServerSession): Connection | undefined {
    const all = [...(this.#server?.connections ?? [])] as unknown as Connection[];
    return all.find(({ id }) => id === session.id);
  }
}

/** An error that smtp-server answers with. It takes a list of lines, though its types know one. */
function refusal(said: string): Error {
  const lines = said.split("\n");
  const message = lines.map((line) => line.replace(/^\d{3}[ -]/, ""));
  const error = new Error(message[0]);
  return Object.assign(error, {
    responseCode: Number(said.slice(0, 3)),
    ...(message.length > 1 ? { message: message as unknown as string } : {}),
  });
}
