import { AppError } from "@daybook/contract";
import type { Access } from "./access.ts";

/** Asks a person who is signed in to have shown within ten minutes who they are: before keys are made, roles or staff changed,
 *  personal data exported or erased. Keys and the command line show a secret with each call. Throws `step_up_required`. */
export function requireStepUp(access: Access, nowMs: number): void {
  if (access.kind !== "session" || (access.steppedUpUntilMs ?? 0) > nowMs) return;
  const detail = "Show once more that it is you: POST /api/v1/me/step-up, then send this again.";
  throw new AppError("step_up_required", detail);
}
