import { setTimeout as sleep } from "node:timers/promises";
import { AppError, type Json } from "@daybook/contract";
import type { Deps } from "../../deps.ts";
import type { GuardedAnswer } from "../../net/guarded-fetch.ts";
import { PermanentError } from "../define-task.ts";
import { toTask } from "../task-row.ts";
import type { EndpointCall } from "../task-run.ts";
import { openTypeSecret } from "../type-secret.ts";
import { callPanel, faultInWords, inWords, type PanelGuard, retryAfterMs } from "./panel-call.ts";

/** A panel that needs longer answers with 202 and reports. */
const ANSWER_MS_MAX = 60_000;

/**
 * Runs tasks by calling the panel at the endpoint of their type.
 *  - 202: the panel has taken it and reports with PATCH.
 *  - 200 and other 2xx: it is done; a JSON body is its result.
 *  - 429 and 503 with Retry-After: called again then, in the same attempt.
 *  - other 4xx, a redirect, an address that may not be called: failed, and a further attempt would not mend it.
 *  - 5xx and no answer: failed; the type says whether it is tried again.
 */
export function endpointCall(deps: Pick<Deps, "config" | "clock" | "vault">, guard: PanelGuard = {}): EndpointCall {
  return async (rule, row, { signal, line }) => {
    const { endpoint: url } = rule;
    if (url === undefined) throw new PermanentError(`The type ${rule.type} has no endpoint any more.`);
    if (rule.secret === undefined)
      throw new PermanentError(
        `The type ${rule.type} has no secret to sign the call with: POST /task-types/${rule.type}/secret makes one.`,
      );
    const secret = openTypeSecret(deps.vault, row.workspace_id, rule.type, rule.secret);
    const task = { ...toTask(row), payload: row.payload };
    // One id for each attempt: a further attempt is meant to run again, a repeated call is not.
    const call = { url, secret, act: "run" as const, task, requestId: `${row.id}/${row.attempt}`, signal };
    const options = { timeoutMs: Math.min(ANSWER_MS_MAX, rule.timeoutSeconds * 1000), ...guard };
    for (;;) {
      const answer = await callPanel(call, deps.config.allowedHosts, deps.clock(), options).catch((error: unknown) => {
        throw asFailure(error);
      });
      const waitMs = retryAfterMs(answer, deps.clock());
      if (waitMs === 0) return outcomeOf(answer, line);
      line(`The panel asks to be called again in ${Math.ceil(waitMs / 1000)} s (${inWords(answer)}).`);
      await sleep(waitMs, undefined, { signal });
    }
  };
}

function asFailure(error: unknown): Error {
  if (error instanceof AppError) return Object.assign(new PermanentError(error.message), { code: error.code });
  return Object.assign(new Error(`The panel gave no answer: ${faultInWords(error)}`), { code: "panel_unreachable" });
}

function outcomeOf(
  answer: GuardedAnswer,
  line: (text: string) => void,
): { taken: true } | { taken: false; result?: Json } {
  const { status } = answer;
  if (status === 202) return { taken: true };
  if (status >= 200 && status < 300) {
    const result = resultOf(answer, line);
    return { taken: false, ...(result === undefined ? {} : { result }) };
  }
  const message = `The panel answered ${inWords(answer)}`;
  if (status < 500) throw Object.assign(new PermanentError(message), { code: `http_${status}` });
  throw Object.assign(new Error(message), { code: `http_${status}` });
}

function resultOf({ text, isCut }: GuardedAnswer, line: (text: string) => void): Json | undefined {
  if (text.trim() === "") return undefined;
  if (isCut) {
    line("The answer of the panel is longer than 64 KiB and is not kept as the result.");
    return undefined;
  }
  try {
    return JSON.parse(text) as Json;
  } catch {
    line(`The panel answered, not as JSON: ${text.slice(0, 500)}`);
    return undefined;
  }
}
