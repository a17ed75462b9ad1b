import { kinds, severities } from "@daybook/contract";
import type { PoolClient } from "pg";
import type { PreparedEvent } from "./prepare.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What one commit adds to the counts; made in memory so that a batch touches each count once. */
interface Tally {
  hours: Map<string, number>;
  days: Map<string, number>;
  redactions: Map<string, number>;
}

/**
 * Sets the new head of the log and adds the events to the counts that are kept on write (hour totals, day counts,
 * redactions), in the appender's transaction and in one statement: each round trip is paid under the head's lock. Others count
 * redactions too: whoever takes them in the order of their names waits for nobody who waits for them.
 */
export async function moveHead(
  client: PoolClient,
  workspaceId: number,
  head: { size: number; frontier: Buffer },
  events: readonly PreparedEvent[],
): Promise<void> {
  const tally = tallyOf(events);
  const hours = [...tally.hours].map(([key, count]) => [...key.split("|").map(Number), count]);
  const days = [...tally.days].map(([key, count]) => [...split(key), count] as const);
  await client.query(
    `with head as (update log_head set size = $12, frontier = $13 where workspace_id = $1),
     hours as (
       insert into event_count_hour as kept (workspace_id, hour, outcome, events)
       select $1, to_timestamp(hour / 1000), outcome, events from unnest($2::bigint[], $3::smallint[], $4::bigint[]) as new (hour, outcome, events)
       on conflict (workspace_id, hour, outcome) do update set events = kept.events + excluded.events),
     redactions as (
       insert into redaction_count as kept (workspace_id, day, rule, redactions)
       select $1, (now() at time zone 'utc')::date, rule, redactions from unnest($10::text[], $11::bigint[]) as new (rule, redactions) order by rule
       on conflict (workspace_id, day, rule) do update set redactions = kept.redactions + excluded.redactions)
     insert into event_count_day as kept (workspace_id, field, day, value, outcome, events)
     select $1, field, to_timestamp(day / 1000), value, outcome, events
       from unnest($5::text[], $6::bigint[], $7::text[], $8::smallint[], $9::bigint[]) as new (field, day, value, outcome, events)
     on conflict (workspace_id, field, day, value, outcome) do update set events = kept.events + excluded.events`,
    [
      workspaceId,
      hours.map((row) => row[0]),
      hours.map((row) => row[1]),
      hours.map((row) => row[2]),
      days.map((row) => row[0]),
      days.map((row) => row[1]),
      days.map((row) => row[3]),
      days.map((row) => row[2]),
      days.map((row) => row[4]),
      [...tally.redactions.keys()],
      [...tally.redactions.values()],
      head.size,
      head.frontier,
    ],
  );
}

function split(key: string): [field: string, day: number, outcome: number, value: string] {
  const [field = "", day = "", outcome = ""] = key.split("|", 3);
  return [field, Number(day), Number(outcome), key.slice(field.length + day.length + outcome.length + 3)];
}

function tallyOf(events: readonly PreparedEvent[]): Tally {
  const tally: Tally = { hours: new Map(), days: new Map(), redactions: new Map() };
  const add = (map: Map<string, number>, key: string, count = 1): void => {
    map.set(key, (map.get(key) ?? 0) + count);
  };
  for (const event of events) {
    add(tally.hours, `${event.occurredAtMs - (event.occurredAtMs % HOUR_MS)}|${event.outcome}`);
    const rest = `|${event.occurredAtMs - (event.occurredAtMs % DAY_MS)}|${event.outcome}|`;
    add(tally.days, `action${rest}${event.action}`);
    add(tally.days, `category${rest}${event.category}`);
    add(tally.days, `kind${rest}${kinds[event.kind]}`);
    add(tally.days, `severity${rest}${severities[event.severity]}`);
    if (event.country !== null) add(tally.days, `country${rest}${event.country}`);
    for (const [rule, count] of event.redactions) add(tally.redactions, rule, count);
  }
  return tally;
}
