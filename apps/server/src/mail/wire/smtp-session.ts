import { isAscii } from "node:buffer";
import { lookup } from "node:dns/promises";
import { connect, isIP, type LookupFunction, type Socket } from "node:net";
import { Readable } from "node:stream";
import SMTPConnection from "nodemailer/lib/smtp-connection";
import { isNeverCalled } from "../../net/callable-address.ts";
import type { TransportRule } from "../transports/transport-book.ts";
import type { Fault } from "./classify.ts";
import { faultOf, responseOf } from "./smtp-fault.ts";
import { readReply, type SmtpReply } from "./smtp-reply.ts";

/** How long a server may take, in milliseconds. */
export interface SmtpPatience {
  /** Until it can be spoken to: name, connection, TLS, greeting. */
  connectMs: number;
  /** For one answer. */
  answerMs: number;
  /** For the answer to the message: servers that look into it take long, and one that is given up may send it all the same. */
  finalMs: number;
}

/** RFC 5321, 4.5.3.2 has 5 minutes for most answers and 10 for the last; a server that lets 1 minute pass for MAIL FROM has stopped. */
export const usualPatience: SmtpPatience = { connectMs: 30_000, answerMs: 60_000, finalMs: 600_000 };

/** What a conversation says, for who watches it. */
export type Watch = (from: "client" | "server" | "note", text: string) => void;

/** A conversation that came to nothing. */
export class SmtpFault extends Error {
  override name = "SmtpFault";
  readonly fault: Fault;
  /** The message went out, or part of it, and no answer came: nobody knows whether it arrived. */
  readonly maybeSent: boolean;

  constructor(fault: Fault, maybeSent = false) {
    super(fault.message);
    this.fault = fault;
    this.maybeSent = maybeSent;
  }
}

export interface SentReply {
  reply: SmtpReply;
  /** The Message-ID that the server gave it instead, if it said one. */
  serverMessageId?: string | undefined;
}

interface OpenOptions {
  patience: SmtpPatience;
  watch?: Watch | undefined;
}

/** Connects to a mail server, encrypts as it is set, logs in. Throws SmtpFault. */
export async function openSession(transport: TransportRule, options: OpenOptions): Promise<SmtpSession> {
  const { watch = () => {}, patience } = options;
  if (transport.fault !== undefined) throw new SmtpFault({ step: "login", message: transport.fault });
  const { host, port, security } = transport;
  const addresses = await addressesOf(host, patience.connectMs);
  if (isIP(host) === 0) watch("note", `${host} is ${addresses.map(({ address }) => address).join(", ")}`);
  const socket = await connected(host, port, addresses, patience.connectMs);
  watch("note", `Connected to ${socket.remoteAddress} port ${port}`);
  const connection = new SMTPConnection({
    ...{ host, port, connection: socket, secure: security === "tls" },
    ...(security === "starttls" ? { requireTLS: true } : { ignoreTLS: true }),
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(transport.clientName === undefined ? {} : { name: transport.clientName }),
    tls: { rejectUnauthorized: !transport.allowSelfSigned },
    ...{ connectionTimeout: patience.connectMs, greetingTimeout: patience.connectMs, socketTimeout: patience.answerMs },
    ...(options.watch === undefined ? {} : { logger: watching(options.watch), transactionLog: true }),
  });
  const session = new SmtpSession(connection, patience);
  await session.greet();
  if (transport.user !== undefined) await session.login(transport.user, transport.password ?? "");
  return session;
}

/** One connection to a mail server, which takes mails one after the other. */
export class SmtpSession {
  readonly #connection: SMTPConnection;
  readonly #patience: SmtpPatience;
  #fault: Error | undefined;
  #ended = false;
  #onEnd: () => void = () => {};
  sent = 0;
  /** How long the server took the last time until it asked for the message. */
  askedAfterMs = Number.POSITIVE_INFINITY;
  usedAtMs = performance.now();

  constructor(connection: SMTPConnection, patience: SmtpPatience) {
    this.#connection = connection;
    this.#patience = patience;
    connection.on("error", (error: Error) => {
      this.#fault = error;
    });
    connection.on("end", () => {
      this.#ended = true;
      this.#onEnd();
    });
  }

  /** False once the connection is gone. */
  get open(): boolean {
    return !this.#ended;
  }

  /** Reads the greeting, says EHLO, encrypts. Throws SmtpFault. */
  greet(): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => reject(new SmtpFault(faultOf(error, "greeting")));
      this.#onEnd = () => fail(this.#fault ?? new Error("The server closed the connection."));
      this.#connection.once("error", fail);
      this.#connection.connect((error) => (error ? fail(error) : resolve()));
    });
  }

  /** Throws SmtpFault. */
  login(user: string, pass: string): Promise<void> {
    if (!this.#connection.allowsAuth) {
      this.close();
      throw new SmtpFault({ step: "login", message: "The server offers no login (AUTH) on this connection." });
    }
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => {
        this.close();
        reject(new SmtpFault(faultOf(error, "login")));
      };
      this.#onEnd = () => fail(this.#fault ?? new Error("The server closed the connection."));
      this.#connection.login({ user, pass, credentials: { user, pass } }, (error) => (error ? fail(error) : resolve()));
    });
  }

  /**
   * Sends one mail to one recipient. `onData` is called when the server asks for it (354): not a byte of it goes out before that has resolved,
   * and none at all if it throws. Aborted before that, it gives the conversation up; later it lets the message go out. Throws SmtpFault, and
   * the reason of the signal.
   */
  async send(
    from: string,
    to: string,
    mime: Buffer,
    onData: () => Promise<void>,
    signal?: AbortSignal,
  ): Promise<SentReply> {
    signal?.throwIfAborted();
    const gone = Promise.withResolvers<never>();
    const onAbort = () => gone.reject(signal?.reason);
    signal?.addEventListener("abort", onAbort);
    const heedless = () => signal?.removeEventListener("abort", onAbort);
    const asked = async () => {
      signal?.throwIfAborted();
      heedless();
      await onData();
    };
    try {
      return await Promise.race([this.#send(from, to, mime, asked), gone.promise]);
    } finally {
      heedless();
    }
  }

  #send(from: string, to: string, mime: Buffer, onData: () => Promise<void>): Promise<SentReply> {
    this.usedAtMs = performance.now();
    this.sent++;
    const socket = this.#connection._socket as Socket;
    const patience = this.#patience;
    let released = false;
    let kept: unknown;
    const asked = () => {
      this.askedAfterMs = performance.now() - this.usedAtMs;
      return onData();
    };
    const message = new Readable({
      read() {
        if (released) return;
        released = true;
        asked().then(
          () => {
            socket.setTimeout(patience.finalMs);
            this.push(mime);
            this.push(null);
          },
          (error: unknown) => {
            kept = error;
            this.destroy(error as Error);
          },
        );
      },
    });
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => {
        // What waited to be sent is not: without the last line the server drops what it has.
        if (released && (kept !== undefined || readReply(responseOf(error)) === undefined)) socket.destroy();
        if (kept !== undefined) return reject(kept);
        const fault = faultOf(error, released ? "message" : "sender");
        reject(new SmtpFault(fault, released && fault.reply === undefined));
      };
      this.#onEnd = () => fail(this.#fault ?? new Error("The server closed the connection."));
      this.#connection.send({ from, to, size: mime.length, use8BitMime: !isAscii(mime) }, message, (error, info) => {
        socket.setTimeout(patience.answerMs);
        if (error) return fail(error);
        const reply = readReply(info?.response ?? "") ?? { code: 250, text: info?.response ?? "" };
        resolve({ reply, serverMessageId: info?.serverMessageId });
      });
    });
  }

  /** After a mail that was refused: makes it ready for the next. */
  reset(): Promise<void> {
    return new Promise((resolve) => {
      this.#onEnd = resolve;
      this.#connection.reset((error) => {
        if (error) this.close();
        resolve();
      });
    });
  }

  /** Says goodbye. */
  quit(): void {
    if (this.#ended) return;
    this.#onEnd = () => {};
    this.#connection.quit();
    // A server that does not answer to it is left alone.
    setTimeout(() => this.close(), 1_000).unref();
  }

  close(): void {
    this.#onEnd = () => {};
    this.#connection.close();
  }
}

/** The addresses of a host. A mail server on a private network is usual; where clouds hand out credentials it is not. Throws SmtpFault. */
async function addressesOf(host: string, patienceMs: number): Promise<{ address: string; family: number }[]> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(Object.assign(new Error("No answer to the name."), { code: "ETIMEDOUT" })),
    patienceMs,
  );
  try {
    const found = await Promise.race([lookup(host, { all: true }), late.promise]);
    const bad = found.find(({ address }) => isNeverCalled(address));
    if (bad === undefined) return found;
    throw new SmtpFault({
      step: "connect",
      errno: "EREFUSED",
      message: `${host} leads to ${bad.address}, which is never a mail server.`,
    });
  } catch (error) {
    if (error instanceof SmtpFault) throw error;
    throw new SmtpFault(faultOf(error as Error, "dns"));
  } finally {
    clearTimeout(timer);
  }
}

function connected(
  host: string,
  port: number,
  addresses: { address: string; family: number }[],
  patienceMs: number,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const known: LookupFunction = (_, options, callback) => {
      if (options.all) callback(null, addresses);
      else callback(null, addresses[0]?.address ?? "", addresses[0]?.family);
    };
    const socket = connect({ host, port, lookup: known, autoSelectFamily: true });
    const fail = (error: Error) => {
      clearTimeout(timer);
      socket.destroy();
      reject(new SmtpFault(faultOf(error, "connect")));
    };
    const timer = setTimeout(
      () => fail(Object.assign(new Error(`No connection within ${patienceMs / 1_000} s.`), { code: "ETIMEDOUT" })),
      patienceMs,
    );
    socket.once("error", fail);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.off("error", fail);
      resolve(socket);
    });
  });
}

/** A logger for nodemailer that hands on the lines of the conversation. It has left the password out; what stands for it is made readable. */
function watching(watch: Watch): Record<string, (entry?: { tnx?: string }, text?: string) => void> {
  let isSecret = false;
  const debug = (entry?: { tnx?: string }, text = ""): void => {
    if (entry?.tnx === "server") {
      isSecret = text.startsWith("334");
      watch("server", text);
    } else if (entry?.tnx === "client") {
      watch("client", isSecret ? "•••" : text.replace(/^(AUTH \S+) .+$/, "$1 •••"));
    }
  };
  const nothing = () => {};
  return { trace: nothing, debug, info: nothing, warn: nothing, error: nothing, fatal: nothing };
}
