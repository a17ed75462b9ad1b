import { execFileSync, spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MailDetail, MailMessage } from "@daybook/contract";
import { type RemoteServer, remoteServer } from "@daybook/testkit";
import { parseMail } from "@daybook/testkit/mail-server.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const installed = existsSync("/usr/sbin/postfix") && process.getuid?.() === 0;

/** A Postfix with a directory of its own: takes mail for customer.example, where one mailbox is, and relays for nobody. */
interface Postfix {
  port: number;
  directory: string;
  /** The mails of the one mailbox. */
  mails(): string[];
  log(): string;
  stop(): void;
}

describe.skipIf(!installed)(
  `against Postfix${installed ? "" : " (skipped: Postfix is not installed, or this is not root)"}`,
  () => {
    let postfix: Postfix;
    let server: RemoteServer;

    beforeAll(async () => {
      postfix = await startPostfix();
      server = await remoteServer(["mail:send", "mail:read", "settings:write", "staff:manage"], {
        DAYBOOK_MAIL_FROM: "panel@acme.example",
        DAYBOOK_SMTP_URL: `smtp://127.0.0.1:${postfix.port}?security=none`,
      });
    });
    afterAll(async () => {
      await server?.close();
      postfix?.stop();
      if (postfix !== undefined) rmSync(postfix.directory, { recursive: true, force: true });
    });

    async function send(to: string, text = "Hello Dana"): Promise<string> {
      const reply = await server.send("POST", "/mail/messages", { to, subject: "Grüße an Dana", text });
      expect(reply.status).toBe(202);
      return ((await reply.json()) as MailMessage).id;
    }

    async function becomes(id: string, done: (mail: MailDetail) => boolean): Promise<MailDetail> {
      const read = () => server.read<MailDetail>(`/mail/messages/${id}`);
      await expect.poll(async () => done(await read()), { timeout: 30_000, interval: 100 }).toBe(true);
      return read();
    }

    test("a mail arrives in the mailbox, signed, and is found in Postfix's log by the id that Daybook shows", async () => {
      const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
      const put = await server.send("PUT", "/mail/transports/postfix", {
        ...{ host: "127.0.0.1", port: postfix.port, security: "none" },
        dkim: {
          domain: "acme.example",
          selector: "d1",
          privateKey: privateKey.export({ type: "pkcs8", format: "pem" }),
        },
      });
      expect(put.status).toBe(200);
      await new Promise((next) => setTimeout(next, 2_100));
      const text = "Hello Dana\n.\nA line with one dot above, and äöü.\n";
      const mail = await becomes(await send("dana@customer.example", text), ({ status }) => status === "sent");
      expect(mail.attemptList).toMatchObject([{ outcome: "sent", code: 250, enhanced: "2.0.0", transport: "postfix" }]);
      await expect.poll(() => postfix.mails().length, { timeout: 10_000 }).toBe(1);
      const raw = readFileSync(postfix.mails()[0] ?? "", "utf8");
      const parsed = await parseMail(raw);
      expect(parsed).toMatchObject({
        subject: "Grüße an Dana",
        text: expect.stringContaining("\n.\nA line with one dot"),
      });
      expect(raw).toContain("DKIM-Signature: v=1; a=rsa-sha256");
      expect(mail.queueId).toMatch(/^\w{6,}$/);
      expect(postfix.log()).toContain(`${mail.queueId}: message-id=`);
    });

    test("a mailbox that is not there bounces; a domain that Postfix does not take is the server's fault, not the address's", async () => {
      const gone = await becomes(await send("nobody@customer.example"), ({ status }) => status !== "queued");
      expect(gone).toMatchObject({
        status: "bounced",
        class: "recipient_refused",
        suppressed: { reason: "hard_bounce" },
      });
      expect(gone.attemptList).toMatchObject([{ code: 550, enhanced: "5.1.1" }]);
      const other = await becomes(await send("dana@elsewhere.example"), (mail) => mail.class !== undefined);
      expect(other).toMatchObject({ status: "queued", class: "login_refused" });
      expect(other.suppressed).toBeUndefined();
    });

    test("a mail that is too large for Postfix has failed, and is not sent again and again", async () => {
      const mail = await becomes(
        await send("dana@customer.example", "x".repeat(150_000)),
        ({ status }) => status !== "queued",
      );
      expect(mail).toMatchObject({ status: "failed", class: "too_large", attempts: 1 });
    });

    test("a test message tells the conversation with Postfix", async () => {
      const reply = await server.send("POST", "/mail/transports/config/test-messages", {
        to: "nobody@customer.example",
      });
      const result = (await reply.json()) as { class: string; conversation: { text: string }[] };
      expect(result.class).toBe("recipient_refused");
      const said = result.conversation.map(({ text }) => text);
      expect(said.some((line) => /^220 mail\.customer\.example ESMTP/.test(line))).toBe(true);
      expect(said.some((line) => /^550 5\.1\.1 /.test(line))).toBe(true);
    });

    test("while Postfix is down a mail waits, and goes out when it is back", async () => {
      postfix.stop();
      const id = await send("dana@customer.example", "After the break");
      await becomes(id, (mail) => mail.class === "connect");
      control(postfix.directory, "start");
      await new Promise((next) => setTimeout(next, 3_000));
      const { taskId } = await server.read<MailDetail>(`/mail/messages/${id}`);
      const now = "update pgboss.job set start_after = now() where state < 'active' and data->>'taskId' = $1";
      await expect.poll(async () => (await server.database.pool.query(now, [taskId])).rowCount).toBe(1);
      await becomes(id, ({ status }) => status === "sent");
    });
  },
);

async function startPostfix(): Promise<Postfix> {
  const directory = mkdtempSync(join(tmpdir(), "daybook-postfix-"));
  const port = await freePort();
  const path = (name: string) => join(directory, name);
  for (const name of ["conf", "queue", "data", "boxes"]) mkdirSync(path(name));
  chmodSync(directory, 0o755);
  const uid = Number(execFileSync("id", ["-u", "postfix"], { encoding: "utf8" }));
  for (const name of ["data", "boxes"]) execFileSync("chown", ["postfix", path(name)]);
  const main = {
    compatibility_level: "3.6",
    ...{
      queue_directory: path("queue"),
      data_directory: path("data"),
      mail_owner: "postfix",
      setgid_group: "postdrop",
    },
    ...{ myhostname: "mail.customer.example", mydestination: "", inet_interfaces: "127.0.0.1", inet_protocols: "ipv4" },
    ...{ mynetworks: "", smtpd_relay_restrictions: "reject_unauth_destination" },
    ...{ virtual_mailbox_domains: "customer.example", virtual_mailbox_base: path("boxes") },
    virtual_mailbox_maps: "inline:{{dana@customer.example = dana/}}",
    ...{ virtual_uid_maps: `static:${uid}`, virtual_gid_maps: `static:${uid}`, virtual_minimum_uid: "1" },
    ...{ message_size_limit: "100000", virtual_mailbox_limit: "0", alias_maps: "", alias_database: "" },
    ...{ maillog_file: path("log"), maillog_file_prefixes: directory, biff: "no" },
  };
  writeFileSync(
    path("conf/main.cf"),
    Object.entries(main)
      .map(([name, value]) => `${name} = ${value}\n`)
      .join(""),
  );
  writeFileSync(
    path("conf/master.cf"),
    [
      `127.0.0.1:${port} inet n - n - - smtpd`,
      ...["pickup unix n - n 60 1", "qmgr unix n - n 300 1"].map((line) => `${line} ${line.split(" ")[0]}`),
      ...[
        "cleanup",
        "bounce",
        "defer",
        "trace",
        "verify",
        "rewrite",
        "proxymap",
        "virtual",
        "error",
        "retry",
        "smtp",
      ].map(serviceLine),
      "postlog unix-dgram n - n - 1 postlogd",
      "anvil unix - - n - 1 anvil",
      "",
    ].join("\n"),
  );
  control(directory, "start");
  return {
    port,
    directory,
    mails: () => {
      const box = path("boxes/dana/new");
      return existsSync(box) ? readdirSync(box).map((name) => join(box, name)) : [];
    },
    log: () => readFileSync(path("log"), "utf8"),
    stop() {
      control(directory, "stop");
    },
  };
}

const programs: Record<string, string> = {
  defer: "bounce",
  trace: "bounce",
  rewrite: "trivial-rewrite",
  retry: "error",
};
/** One line of master.cf: service, type, private, unprivileged, chroot, wakeup, processes, program. */
const serviceLine = (name: string): string =>
  [
    name,
    "unix",
    name === "cleanup" ? "n" : "-",
    name === "virtual" ? "n" : "-",
    "n",
    "-",
    name === "cleanup" ? 0 : "-",
    programs[name] ?? name,
  ].join(" ");

function control(directory: string, act: "start" | "stop"): void {
  const done = spawnSync("/usr/sbin/postfix", ["-c", join(directory, "conf"), act], { encoding: "utf8" });
  if (act === "start" && done.status !== 0) throw new Error(`postfix start: ${done.stdout}${done.stderr}`);
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((next) => probe.once("listening", next));
  const { port } = probe.address() as { port: number };
  await new Promise((next) => probe.close(next));
  return port;
}
