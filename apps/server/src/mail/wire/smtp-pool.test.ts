import { type TestMailServer, testMailServer } from "@daybook/testkit/mail-server.ts";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { RetryLater } from "../../tasks/define-task.ts";
import type { TransportRule } from "../transports/transport-book.ts";
import { SmtpPool } from "./smtp-pool.ts";
import { usualPatience } from "./smtp-session.ts";

let mails: TestMailServer;
let pool: SmtpPool;
const mime = Buffer.from("Subject: Hello\r\n\r\nHello\r\n");
const { signal } = new AbortController();

beforeAll(async () => {
  mails = await testMailServer({ security: "none" });
});
afterAll(() => mails.close());
beforeEach(() => {
  mails.behave({});
  const rule = {
    ...{ name: "main", source: "api", enabled: true, position: 1, host: mails.host, port: mails.port },
    ...{ security: "none", allowSelfSigned: false, connections: 1 },
  };
  pool = new SmtpPool(rule as TransportRule, usualPatience);
  return () => pool.close();
});

const nothing = async () => {};
const send = (to: string, until = signal, wire = nothing, urgent = false) =>
  pool.use({
    ...{ urgent, signal: until, before: nothing },
    work: (session) => session.send("a@acme.example", `${to}@customer.example`, mime, wire, until),
  });

/** How many come in until there is no room. */
function entered(): number {
  for (let n = 0; n < 100; n++)
    try {
      pool.enter(false);
    } catch (error) {
      expect(error).toBeInstanceOf(RetryLater);
      return n;
    }
  return 100;
}

test("when as many wait as are served in a moment, a mail comes again later, unless it is urgent", () => {
  const leave = pool.enter(false);
  expect(entered()).toBe(4);
  expect(() => pool.enter(true)).not.toThrow();
  leave();
  leave();
  expect(entered()).toBe(1);
});

test("few wait for a server that is slow, many for one that is quick", async () => {
  mails.behave({ delayMs: 2_500 });
  await send("slow");
  const leave = [1, 2, 3].map(() => pool.enter(false));
  expect(entered()).toBe(0);
  for (const each of leave) each();
  mails.behave({});
  for (let n = 0; n < 40; n++) await send("quick");
  expect(entered()).toBeGreaterThan(5);
});

test("many for which there is no room come back one after the other", () => {
  entered();
  const waits = Array.from({ length: 20 }, () => {
    try {
      pool.enter(false);
      return 0;
    } catch (error) {
      return (error as RetryLater).waitMs;
    }
  });
  expect(waits[0]).toBeLessThan(2_600);
  expect(waits.at(-1)).toBeGreaterThan(5_000);
});

test("an urgent mail is the next, and who came first is first", async () => {
  const done: string[] = [];
  const note = (name: string) => async () => void done.push(name);
  await Promise.all([
    send("first", signal, note("first")),
    send("second", signal, note("second")),
    send("third", signal, note("third")),
    send("urgent", signal, note("urgent"), true),
  ]);
  expect(done).toEqual(["first", "urgent", "second", "third"]);
});

test("a task that is stopped before the message gives its connection up, and one that waits its place", async () => {
  mails.behave({ stall: "recipient" });
  const [one, two] = [new AbortController(), new AbortController()];
  const reached = mails.reaches("recipient");
  const stalled = send("stalled", one.signal);
  const waiting = send("waiting", two.signal);
  await reached;
  two.abort(new Error("stopped while it waits"));
  await expect(waiting).rejects.toThrow("stopped while it waits");
  mails.behave({});
  one.abort(new Error("stopped"));
  await expect(stalled).rejects.toThrow("stopped");
  await expect(send("next")).resolves.toMatchObject({ reply: { code: 250 } });
});

test("a task that is stopped once the message is on the wire hears the server's answer", async () => {
  const abort = new AbortController();
  const sent = send("wire", abort.signal, async () => abort.abort(new Error("stopped")));
  await expect(sent).resolves.toMatchObject({ reply: { code: 250 } });
});
