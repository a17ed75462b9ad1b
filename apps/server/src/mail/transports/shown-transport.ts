import type { Transport } from "@daybook/contract";
import { dkimRecord } from "./dkim-record.ts";
import type { TransportRule } from "./transport-book.ts";
import type { TransportState } from "./transport-store.ts";

/** A mail server as the API shows it: without its secrets, with how it goes. */
export function toTransport(rule: TransportRule, state: TransportState | undefined): Transport {
  const { password, dkim, fault, ...settings } = rule;
  const [sent, failed] = [state?.last_sent_at ?? undefined, state?.last_fault_at ?? undefined];
  const failing = fault !== undefined || (failed !== undefined && (sent === undefined || failed > sent));
  const lastFault = fault ?? state?.last_fault ?? undefined;
  const lastClass = fault === undefined ? state?.last_class : "login_refused";
  return {
    ...settings,
    passwordSet: password !== undefined,
    ...(dkim === undefined
      ? {}
      : { dkim: { domain: dkim.domain, selector: dkim.selector, record: dkimRecord(dkim.privateKey) } }),
    state: failing ? "failing" : sent === undefined ? "new" : "up",
    ...(sent === undefined ? {} : { lastSentAt: sent.toISOString() }),
    ...(failed === undefined ? {} : { lastFaultAt: failed.toISOString() }),
    ...(lastClass ? { lastClass } : {}),
    ...(lastFault === undefined ? {} : { lastFault }),
  };
}
