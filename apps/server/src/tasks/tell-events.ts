import { AppError, type EventInput } from "@daybook/contract";
import type { Deps } from "../deps.ts";

/**
 * Writes events of what has happened already, under ids of their own. One that the log does not take must not keep those after it from
 * being told for ever:
 *  - an id that is there was told before, when what it tells of looked a little different: nothing is to be done;
 *  - what is no valid event is told by its bare facts, and said in the program's log.
 * Throws everything else, e.g. database_unavailable: then nothing counts as told.
 */
export async function tellEvents(
  deps: Pick<Deps, "record" | "log">,
  workspaceId: number,
  events: readonly EventInput[],
): Promise<void> {
  try {
    await deps.record.write(workspaceId, events);
  } catch (error) {
    if (codeOf(error) !== "invalid_event" && codeOf(error) !== "id_conflict") throw error;
    for (const event of events) await tellOne(deps, workspaceId, event);
  }
}

async function tellOne(
  deps: Pick<Deps, "record" | "log">,
  workspaceId: number,
  event: EventInput,
  bare = false,
): Promise<void> {
  try {
    await deps.record.write(workspaceId, [event]);
  } catch (error) {
    if (codeOf(error) === "id_conflict") return;
    if (codeOf(error) !== "invalid_event" || bare) throw error;
    deps.log.error({ err: error, event: event.id, action: event.action }, "an event is told by its bare facts");
    await tellOne(deps, workspaceId, bareOf(event, error as AppError), true);
  }
}

/** What an event cannot be invalid with; its time only if it is not the fault. */
function bareOf({ id, occurredAt, action, outcome, targets }: EventInput, { message, options }: AppError): EventInput {
  const ofTime = options.errors?.some(({ pointer }) => pointer === "/occurredAt") === true;
  const [main] = targets ?? [];
  return {
    ...(id === undefined ? {} : { id }),
    occurredAt: ofTime || occurredAt === undefined ? new Date().toISOString() : occurredAt,
    action,
    actor: { type: "system", name: "Daybook" },
    origin: { ip: null },
    ...(main === undefined ? {} : { targets: [{ type: main.type, id: main.id }] }),
    ...(outcome === undefined ? {} : { outcome }),
    details: { note: `The rest is left out. ${message}` },
  };
}

const codeOf = (error: unknown): string | undefined => (error instanceof AppError ? error.code : undefined);
