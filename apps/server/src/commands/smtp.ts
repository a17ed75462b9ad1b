import { once } from "node:events";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { createSecureContext } from "node:tls";
import type { Command } from "commander";
import { ApiKeyRing } from "../access/api-key-ring.ts";
import type { Config } from "../config.ts";
import { openRelay, type RelayOptions, type RunningRelay } from "../mail/relay/relay-server.ts";
import { type CommandContext, UsageError } from "./context.ts";

/** How often it is looked whether the certificate was renewed. */
const LOOK_MS = 60_000;

/** `daybook smtp`: a mail server for panels, which logs and delivers what they send. Drains and ends on SIGTERM or SIGINT. */
export function registerSmtpCommand(program: Command, ctx: CommandContext): void {
  program
    .command("smtp")
    .description("Take mails by SMTP: a panel sets this as its mail server, with an API key as the password.")
    .action(() => serve(ctx));
}

async function serve(ctx: CommandContext): Promise<void> {
  const options = relayOptions(ctx.config);
  const deps = await ctx.open();
  const keys = new ApiKeyRing(deps);
  await keys.open();
  try {
    const relay = await openRelay(deps, keys, options).catch((error: NodeJS.ErrnoException) => {
      throw listenError(error, options);
    });
    ctx.out(greeting(options, relay));
    const timer = setInterval(() => renew(ctx, options, relay), LOOK_MS);
    if (!ctx.signal.aborted) await once(ctx.signal, "abort");
    clearInterval(timer);
    ctx.out("Daybook is stopping: messages under way are taken first.");
    await relay.close();
  } finally {
    await keys.close();
  }
}

/** Whoever renews certificates (certbot, acme.sh) writes them to the same files: they are used as soon as both fit each other. */
function renew({ config, out }: CommandContext, options: RelayOptions, relay: RunningRelay): void {
  const { tlsCert, tlsKey } = config;
  if (tlsCert === undefined || tlsKey === undefined) return;
  try {
    const tls = readTls(tlsCert, tlsKey);
    if (tls.cert === options.tls?.cert && tls.key === options.tls.key) return;
    relay.renew(tls);
    options.tls = tls;
    out("The certificate was renewed.");
  } catch (error) {
    // Written at this moment, or wrong: the old one goes on.
    if (!(error instanceof UsageError)) throw error;
  }
}

/** What the settings say. Throws UsageError for those that would let passwords be read on the way. */
function relayOptions(config: Config): RelayOptions {
  const { host, smtpPort: port, tlsCert, tlsKey, smtpPlainLogin, drainSeconds } = config;
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw new UsageError("A certificate needs its key, and a key its certificate: --tls-cert FILE --tls-key FILE");
  const isLocal = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/.test(host);
  if (tlsCert === undefined && !isLocal && smtpPlainLogin === "no")
    throw new UsageError(
      `On ${host} passwords would go over the network in the clear. Give a certificate (--tls-cert, --tls-key), listen on 127.0.0.1, or, on a network of your own, say --smtp-plain-login yes.`,
    );
  return {
    ...{ host, port, name: config.publicUrl === undefined ? hostname() : new URL(config.publicUrl).hostname },
    tls: tlsCert === undefined || tlsKey === undefined ? undefined : readTls(tlsCert, tlsKey),
    plainLogin: isLocal || smtpPlainLogin === "yes",
    drainMs: drainSeconds * 1_000,
  };
}

function readTls(certFile: string, keyFile: string): { cert: string; key: string } {
  const tls = { cert: read(certFile), key: read(keyFile) };
  try {
    createSecureContext(tls);
  } catch (error) {
    throw new UsageError(
      `The certificate ${certFile} does not do with the key ${keyFile}: ${(error as Error).message}`,
    );
  }
  return tls;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${(error as Error).message}`);
  }
}

function greeting({ host, tls, plainLogin }: RelayOptions, { port }: RunningRelay): string {
  const how = tls === undefined ? "without TLS" : plainLogin ? "STARTTLS" : "STARTTLS, which is needed to sign in";
  return `Daybook takes mails on ${host.includes(":") ? `[${host}]` : host}:${port} (${how}). User name: any. Password: an API key with the scope mail:send.`;
}

function listenError(error: NodeJS.ErrnoException, { host, port }: RelayOptions): Error {
  if (error.code === "EADDRINUSE")
    return new UsageError(`${host}:${port} is taken. Choose another port: --smtp-port ${port + 1}`);
  if (error.code === "EACCES")
    return new UsageError(`Port ${port} is for root alone. Choose one above 1023 with --smtp-port.`);
  return error;
}
