import type { Finding } from "@daybook/contract";
import { howLong } from "../../schedules/state.ts";
import { count } from "./amounts.ts";
import type { Facts } from "./facts.ts";
import { OVERDUE_MS } from "./mail-facts.ts";
import { startWorker } from "./no-worker.ts";

/** Mails lie although a mail server takes them: nobody delivers, or a rate is set too low. */
export function mailWaiting({ nowMs, role, workers, mail: { overdue, limited, failing, anyUp } }: Facts): Finding[] {
  // Where every mail server fails, that is what is wrong.
  if (failing.length > 0 && !anyUp) return [];
  const held = limited !== undefined && nowMs - limited.oldestMs > OVERDUE_MS ? limited : undefined;
  const late = overdue ?? held;
  if (late === undefined) return [];
  const isAlive = workers.alive.length > 0;
  const isLimited = overdue === undefined;
  return [
    {
      code: "mail_waiting",
      severity: isLimited ? "warning" : "critical",
      title: "Mail waits too long",
      found: `${count(late.count, "mail")} should have gone out; the oldest was queued ${howLong(nowMs - late.oldestMs)} ago${isLimited ? ", and waits for its turn: a rate is limited" : ""}.`,
      mend: isLimited
        ? "More mail comes in than the limits of the mail server let out. Raise them under Settings → Mail (mails a second, mails a minute and domain), if the provider allows more, or set up another mail server beside it."
        : isAlive
          ? "A worker is alive, but does not get on with mail: its log says why. Start a second one if it has too much to do."
          : "The worker delivers mail, and none is alive: start one.",
      ...(isLimited ? {} : { command: isAlive ? "journalctl -u daybook-worker -u daybook -n 100" : startWorker(role) }),
      screens: ["mail"],
      link: "/mail-log?status=queued",
    },
  ];
}
