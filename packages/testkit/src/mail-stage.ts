import type { MailDetail, NewMail, TransportSettings } from "@daybook/contract";
import { mailInFull } from "@daybook/server/mail/log/mail-detail.ts";
import { readMail } from "@daybook/server/mail/log/mail-store.ts";
import { saveTransport } from "@daybook/server/mail/transports/transport-store.ts";
import { startTasks } from "@daybook/server/tasks/start-tasks.ts";
import { expect } from "vitest";
import { type TestApp, testApp } from "./app.ts";
import { type TestMailServer, testMailServer } from "./mail-server.ts";

/** What was read of transports is believed for two seconds. */
const BELIEVED_MS = 2_050;

/** A server that delivers, and two mail servers: one with STARTTLS and a login, and another without. */
export interface MailStage {
  server: TestApp;
  mails: TestMailServer;
  other: TestMailServer;
  /** Sets the first mail server up as the only one, or both, with what a test wants besides. */
  use(first: Partial<TransportSettings>, second?: Partial<TransportSettings>): Promise<void>;
  /** From now on mails by this server are signed with a key (PEM), for acme.example. */
  sign(name: string, dkimKey: string): Promise<void>;
  /** Hands in a mail, to somebody new unless it says to whom; its id. */
  send(mail?: Partial<NewMail>): Promise<string>;
  read(id: string): Promise<MailDetail>;
  becomes(id: string, status: string): Promise<MailDetail>;
  /** Waits until it was tried and put off, so many times. */
  deferred(id: string, times?: number): Promise<MailDetail>;
  /** The time of these mails has come. */
  hurry(...ids: string[]): Promise<void>;
  close(): Promise<void>;
}

export async function mailStage(): Promise<MailStage> {
  const login = { user: "panel", password: "right" };
  const [mails, other] = await Promise.all([testMailServer({ login }), testMailServer({ security: "none" })]);
  const server = await testApp({ config: { mailFrom: "panel@acme.example" } });
  const work = await startTasks({ ...server.deps, version: "test", callEndpoint: async () => ({ taken: true }) });
  const { workspaceId } = server;
  const { db, ownerDb } = server.deps;
  let used = "";
  let people = 0;

  const save = (name: string, password: string | undefined, settings: object) => {
    const transport = { name, settings: settings as never, secrets: { password }, atMs: server.deps.clock() };
    return saveTransport(db, server.deps.vault, workspaceId, transport);
  };
  const read = async (id: string) => mailInFull(db, await readMail(db, workspaceId, id));

  return {
    ...{ server, mails, other, read },
    async use({ password = login.password, ...first }, second) {
      const wanted = JSON.stringify([first, password, second]);
      if (wanted === used) return;
      used = wanted;
      await ownerDb.query("delete from mail_transport");
      const base = { enabled: true, connections: 3, position: 1 };
      const main = { ...base, host: mails.host, port: mails.port, security: "starttls", allowSelfSigned: true };
      await save("main", password, { ...main, user: login.user, ...first });
      const plain = { host: other.host, port: other.port, security: "none", allowSelfSigned: false };
      if (second !== undefined) await save("other", undefined, { ...base, ...plain, position: 2, ...second });
      await new Promise((next) => setTimeout(next, BELIEVED_MS));
    },
    async sign(name, dkimKey) {
      const { rows } = await db.query("select settings from mail_transport where name = $1", [name]);
      const settings = { ...rows[0].settings, dkim: { domain: "acme.example", selector: "d1" } };
      const transport = { name, settings, secrets: { dkimKey }, atMs: server.deps.clock() };
      await saveTransport(db, server.deps.vault, workspaceId, transport);
      used = "";
      await new Promise((next) => setTimeout(next, BELIEVED_MS));
    },
    async send(mail = {}) {
      const to = `dana${++people}@customer.example`;
      const order = { to, subject: "Hello", text: "Hello Dana", ...mail };
      return (await server.deps.mail.send(workspaceId, order)).message.id;
    },
    async becomes(id, status) {
      await expect.poll(async () => (await read(id)).status, { timeout: 20_000, interval: 50 }).toBe(status);
      return read(id);
    },
    async deferred(id, times = 1) {
      const count = async () => (await read(id)).timeline.filter(({ happening }) => happening === "deferred").length;
      await expect.poll(count, { timeout: 20_000, interval: 50 }).toBeGreaterThanOrEqual(times);
      return read(id);
    },
    async hurry(...ids) {
      const now = "update pgboss.job set start_after = now() where state < 'active' and data->>'taskId' = $1";
      for (const id of ids) {
        const { taskId } = await read(id);
        await expect.poll(async () => (await ownerDb.query(now, [taskId])).rowCount, { timeout: 5_000 }).toBe(1);
      }
    },
    async close() {
      await work.stop();
      await server.close();
      await Promise.all([mails.close(), other.close()]);
    },
  };
}
