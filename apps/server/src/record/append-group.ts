import { AppError } from "@daybook/contract";
import type { PoolClient } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import type { AppendedItem, AppendRequest, AppendResult } from "./append.ts";
import { moveHead } from "./count-store.ts";
import { type EventRow, eventColumns, eventSelect, rowFromPg } from "./event-row.ts";
import { COPY_HEADER, COPY_TRAILER, decodeTuple, placeTuple } from "./event-tuple.ts";
import { appendLeaves } from "./merkle/tile-store.ts";
import type { PreparedEvent } from "./prepare.ts";

/** Rows are sent in pieces of about so many bytes. */
const CHUNK_BYTES = 65_536;
/** How far back an id is looked for by itself; older repetitions are found by id and time. */
const ID_LOOKBACK_MS = 31 * 24 * 3_600_000;
const COPY = `copy event (${eventColumns.join(", ")}) from stdin (format binary)`;

export interface AppendGroup {
  workspaceId: number;
  requests: readonly AppendRequest[];
  /** Look up every id, also those that the server made: an earlier try may have been committed. */
  checkAllIds: boolean;
}

/** What becomes of one request's events. */
interface Verdict {
  request: AppendRequest;
  items: (AppendedItem | null)[];
  conflicts: number[];
  refused: boolean;
}

/**
 * One transaction: the events of all requests in the group.
 *  1. Lock the head row of the log; it says the next seq.
 *  2. Find the ids that are there already: repetitions and conflicts.
 *  3. Write the rows, the leaves of the tree, the counts, the new head; tell the followers.
 *  4. Commit, then answer.
 */
export async function appendGroup(client: PoolClient, group: AppendGroup): Promise<void> {
  const { workspaceId } = group;
  const head = await lockHead(client, workspaceId);
  const stored = await findStored(client, group);
  const fresh: PreparedEvent[] = [];
  const verdicts = judge(group.requests, stored, head.size, fresh);
  if (fresh.length === 0) {
    await client.query("rollback");
  } else {
    await writeRows(client, workspaceId, head.size, fresh);
    const leaves = fresh.map((event) => event.leafHash);
    const { frontier } = await appendLeaves(client, workspaceId, head.size, head.frontier, leaves);
    const size = head.size + fresh.length;
    await moveHead(client, workspaceId, { size, frontier }, fresh);
    await client.query(`notify daybook_event, '${Number(workspaceId)}:${size}'; commit`);
  }
  for (const verdict of verdicts) answer(verdict);
}

/**
 * Begins, and takes the lock that serialises the writers. One round trip, because each is paid by every waiting request.
 * Plans are held to index scans: without statistics (a new partition) the look-up of ids would read the whole table.
 */
async function lockHead(client: PoolClient, workspaceId: number): Promise<{ size: number; frontier: Buffer }> {
  const results = (await client.query(
    `begin; set local enable_seqscan = off; set local enable_bitmapscan = off;
     select size, frontier from log_head where workspace_id = ${Math.trunc(workspaceId)} for update`,
  )) as unknown as { rows: { size: number; frontier: Buffer }[] }[];
  const head = results[3]?.rows[0];
  if (head === undefined) throw new AppError("not_found", `There is no log for workspace ${workspaceId}.`);
  return { size: Number(head.size), frontier: head.frontier };
}

/** The stored events among the group's ids, by id. */
async function findStored(client: PoolClient, group: AppendGroup): Promise<Map<string, EventRow>> {
  const recent: string[] = [];
  const oldIds: string[] = [];
  const oldTimes: string[] = [];
  const sinceMs = Date.now() - ID_LOOKBACK_MS;
  for (const request of group.requests) {
    for (const { id, occurredAtMs, ownId } of request.events) {
      if (!ownId && !group.checkAllIds) continue;
      if (occurredAtMs >= sinceMs) recent.push(id);
      else {
        oldIds.push(id);
        oldTimes.push(new Date(occurredAtMs).toISOString());
      }
    }
  }
  const found = new Map<string, EventRow>();
  const keep = (rows: Record<string, unknown>[]): void => {
    for (const record of rows) {
      const row = rowFromPg(record);
      if (!found.has(row.id)) found.set(row.id, row);
    }
  };
  const select = `select ${eventSelect} from`;
  if (recent.length > 0) {
    // Lateral behind `offset 0`: one probe an id in the index of ids, never a join that reads the range.
    const query = `select found.* from unnest($2::uuid[]) as given (id) cross join lateral (
      ${select} event where workspace_id = $1 and event.id = given.id and occurred_at >= $3 offset 0) as found order by seq`;
    keep((await client.query(query, [group.workspaceId, recent, new Date(sinceMs)])).rows);
  }
  if (oldIds.length > 0) {
    const query = `select found.* from unnest($2::uuid[], $3::timestamptz[]) as given (id, at) cross join lateral (
      ${select} event where workspace_id = $1 and event.id = given.id and occurred_at = given.at offset 0) as found order by seq`;
    keep((await client.query(query, [group.workspaceId, oldIds, oldTimes])).rows);
  }
  return found;
}

/** Decides about every event; those to be written go into `fresh`, in the order of their seq. */
function judge(
  requests: readonly AppendRequest[],
  stored: ReadonlyMap<string, EventRow>,
  size: number,
  fresh: PreparedEvent[],
): Verdict[] {
  const inGroup = new Map<string, { event: PreparedEvent; seq: number }>();
  return requests.map((request) => {
    const verdict: Verdict = { request, items: [], conflicts: [], refused: false };
    const mark = fresh.length;
    const added: string[] = [];
    request.events.forEach((event, place) => {
      const { id } = event;
      const twin = inGroup.get(id)?.event;
      const earlier = stored.get(id) ?? (twin === undefined ? undefined : decodeTuple(twin.tuple));
      if (earlier === undefined) {
        fresh.push(event);
        added.push(id);
        const seq = size + fresh.length;
        inGroup.set(id, { event, seq });
        verdict.items.push({ id, seq });
      } else if (sameContent(earlier, event)) {
        const seq = inGroup.get(id)?.seq ?? earlier.seq;
        // An id that we made ourselves can only be there from an earlier try of this very request.
        verdict.items.push(event.ownId ? { id, seq, duplicate: true } : { id, seq });
      } else {
        verdict.conflicts.push(place);
        verdict.items.push(null);
      }
    });
    if (verdict.conflicts.length > 0 && !request.lenient) {
      verdict.refused = true;
      fresh.length = mark;
      for (const id of added) inGroup.delete(id);
    }
    return verdict;
  });
}

/** What the client says of an event; what the server adds may differ between two sendings (geo data, catalogue, times). */
const clientFields = [
  "outcome",
  "actorType",
  "auth",
  "action",
  "reason",
  "project",
  "actorId",
  "actorName",
  "actorEmail",
  "onBehalfOf",
  "targetType",
  "targetId",
  "targetName",
  "targetOwnerId",
  "moreTargets",
  "sessionId",
  "requestId",
  "changes",
  "details",
] as const satisfies readonly (keyof EventRow)[];

function sameContent(stored: EventRow, event: PreparedEvent): boolean {
  if (!event.timeFromServer && stored.occurredAtMs !== event.occurredAtMs) return false;
  const row = decodeTuple(event.tuple);
  return clientFields.every((field) => stored[field] === row[field]);
}

async function writeRows(
  client: PoolClient,
  workspaceId: number,
  size: number,
  events: readonly PreparedEvent[],
): Promise<void> {
  const stream = client.query(copyFrom(COPY));
  const done = new Promise<void>((resolve, reject) => {
    stream.on("finish", resolve);
    stream.on("error", reject);
  });
  stream.write(COPY_HEADER);
  for (let from = 0; from < events.length; ) {
    let bytes = 0;
    let to = from;
    while (to < events.length && bytes < CHUNK_BYTES) bytes += events[to++]?.tuple.length ?? 0;
    const chunk = Buffer.allocUnsafe(bytes);
    let position = 0;
    for (; from < to; from++) {
      const { tuple } = events[from] as PreparedEvent;
      position = placeTuple(chunk, position, tuple, workspaceId, size + from + 1);
    }
    stream.write(chunk);
  }
  stream.end(COPY_TRAILER);
  await done;
}

function answer(verdict: Verdict): void {
  const { request, conflicts } = verdict;
  if (verdict.refused) {
    request.reject(
      new AppError(
        "id_conflict",
        "An id was used before for an event with other content; nothing of this request was stored.",
        {
          errors: conflicts.map((index) => ({
            index,
            pointer: "/id",
            code: "id_conflict",
            message: `${request.events[index]?.id} is another event's id`,
          })),
        },
      ),
    );
    return;
  }
  const items = verdict.items.filter((item) => item !== null);
  const seqs = items.map((item) => item.seq);
  const duplicates = items.filter((item) => item.duplicate === true).length;
  const result: AppendResult = {
    accepted: items.length - duplicates,
    duplicates,
    firstSeq: seqs.length === 0 ? null : seqs.reduce((least, seq) => Math.min(least, seq)),
    lastSeq: seqs.length === 0 ? null : seqs.reduce((most, seq) => Math.max(most, seq)),
    items,
    conflicts,
  };
  request.resolve(result);
}
