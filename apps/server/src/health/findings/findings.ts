import { type Finding, type FindingCode, findingCodes } from "@daybook/contract";
import { maskText } from "../../record/personal.ts";
import { callbackFailing } from "./callback-failing.ts";
import { clockSkew } from "./clock-skew.ts";
import { cronSilent } from "./cron-silent.ts";
import { type Facts, type FactsDeps, readFacts } from "./facts.ts";
import { handlerMissing } from "./handler-missing.ts";
import { mailNoTransport } from "./mail-no-transport.ts";
import { mailTemplateBroken } from "./mail-template-broken.ts";
import { mailTransportFailing } from "./mail-transport-failing.ts";
import { mailWaiting } from "./mail-waiting.ts";
import { noWorker } from "./no-worker.ts";
import { scheduleDown } from "./schedule-down.ts";
import { scheduleNeverRan } from "./schedule-never-ran.ts";
import { taskStuck } from "./task-stuck.ts";
import { tellerBehind } from "./teller-behind.ts";
import { tickerDead } from "./ticker-dead.ts";

/** Every rule: what it finds in the facts, and nothing else. Each has its part in docs/guides/diagnosis.md. */
const rules: Record<FindingCode, (facts: Facts) => Finding[]> = {
  no_worker: noWorker,
  task_stuck: taskStuck,
  handler_missing: handlerMissing,
  callback_failing: callbackFailing,
  teller_behind: tellerBehind,
  ticker_dead: tickerDead,
  cron_silent: cronSilent,
  schedule_never_ran: scheduleNeverRan,
  schedule_down: scheduleDown,
  mail_no_transport: mailNoTransport,
  mail_transport_failing: mailTransportFailing,
  mail_waiting: mailWaiting,
  mail_template_broken: mailTemplateBroken,
  clock_skew: clockSkew,
};

/** What is wrong with the operation of one workspace as it is now, the worst first. */
export async function readFindings(deps: FactsDeps, workspaceId: number): Promise<Finding[]> {
  const facts = await readFacts(deps, workspaceId);
  const found = findingCodes.flatMap((code) => rules[code](facts));
  return [
    ...found.filter((each) => each.severity === "critical"),
    ...found.filter((each) => each.severity !== "critical"),
  ];
}

/** A finding as those see it who may not see personal data: lines, titles and answers may hold some. A command that would is left out. */
export function maskFinding(finding: Finding): Finding {
  const { command, ...rest } = finding;
  return {
    ...rest,
    title: maskText(finding.title),
    found: maskText(finding.found),
    mend: maskText(finding.mend),
    ...(finding.about === undefined ? {} : { about: maskText(finding.about) }),
    ...(command === undefined || maskText(command) !== command ? {} : { command }),
  };
}
