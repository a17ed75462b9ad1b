import { once } from "node:events";
import { actorTypes, authMethods, type Json, kinds, outcomes, severities } from "@daybook/contract";
import type { Db } from "@daybook/server/db/pool.ts";
import { Appender } from "@daybook/server/record/append.ts";
import { canonicalJson } from "@daybook/server/record/canonical-json.ts";
import { type EventRow, eventColumns } from "@daybook/server/record/event-row.ts";
import { COPY_HEADER, COPY_TRAILER, encodeTuple, placeTuple } from "@daybook/server/record/event-tuple.ts";
import { PartitionKeeper } from "@daybook/server/record/partitions.ts";
import { prepared } from "@daybook/server/record/prepare.ts";
import { termsOf } from "@daybook/server/record/terms.ts";
import fc from "fast-check";
import { from as copyFrom } from "pg-copy-streams";
import { sampleAddresses, samplePaths, sampleWords } from "./query-samples.ts";

const word = fc.constantFrom(...sampleWords);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null });
const code = (names: readonly string[]): fc.Arbitrary<number> => fc.nat({ max: names.length - 1 });

const target = fc.record(
  { type: fc.constantFrom("server", "user", "mc/x"), id: word, name: word, ownerId: word },
  { requiredKeys: ["type", "id"] },
);
const actor = fc.record(
  { type: fc.constantFrom(...actorTypes), id: word, name: word, email: word },
  { requiredKeys: ["type"] },
);
const scalar: fc.Arbitrary<Json> = fc.oneof(
  word,
  fc.constantFrom(null, true, false, 0, 1.5, -3, 1e21, 1e-7, ""),
  fc.constantFrom("\u0000", "\ud800x", "\\u0000", "line\nbreak"),
);
const { details } = fc.letrec<{ value: Json; details: Json }>((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, scalar, fc.array(tie("value"), { maxLength: 3 }), tie("details")),
  details: fc.dictionary(
    fc.oneof(fc.constantFrom(...samplePaths, "a", "b", "items", "sku", "REASON"), word),
    tie("value") as fc.Arbitrary<Json>,
    { maxKeys: 4 },
  ) as fc.Arbitrary<Json>,
}));
const manyDetails = fc.constant(
  Object.fromEntries(Array.from({ length: 40 }, (_, index) => [index < 39 ? `k${index}` : "reason", "dana"])) as Json,
);

/** Times around three days, many of them equal. */
const time = fc.oneof(
  fc.constantFrom("2026-11-18T00:00:00.000Z", "2026-11-19T10:00:00.250Z", "2025-12-31T23:59:59.999Z"),
  fc.integer({ min: 0, max: 72 }).map((hour) => new Date(Date.UTC(2026, 10, 17, hour)).toISOString()),
);

/** Rows of all shapes, not in the log yet: nulls, many targets, unicode, equal times, details of every kind. */
export const eventRows: fc.Arbitrary<EventRow> = fc
  .record({
    id: fc.uuid(),
    occurredAt: time,
    codes: fc.tuple(code(kinds), code(severities), code(outcomes), maybe(code(authMethods))),
    action: fc.constantFrom("server.start", "server.power.on", "auth.login", "user.deleted"),
    actor,
    behalf: maybe(actor),
    targets: fc.array(target, { maxLength: 4 }),
    texts: fc.tuple(maybe(word), maybe(word), maybe(word), maybe(word), maybe(word), maybe(word)),
    summary: fc.array(word, { maxLength: 4 }).map((words) => words.join(" ")),
    ip: maybe(fc.constantFrom(...sampleAddresses)),
    place: maybe(fc.constantFrom({ country: "DE", asn: 24940 }, { country: "NL", asn: 15169 })),
    network: maybe(word),
    fields: fc.array(word, { maxLength: 3 }),
    details: maybe(fc.oneof({ weight: 5, arbitrary: details }, { weight: 1, arbitrary: scalar }, manyDetails)),
  })
  .map((event) => {
    const [kind, severity, outcome, auth] = event.codes;
    const [reason, project, sessionId, requestId, browser, os] = event.texts;
    const [main, ...others] = event.targets;
    const at = Date.parse(event.occurredAt);
    const row: EventRow = {
      ...{ seq: 0, id: event.id, occurredAtMs: at, recordedAtMs: at, kind, severity, outcome, auth },
      ...{ reason, project, sessionId, requestId, browser, os },
      actorType: actorTypes.indexOf(event.actor.type),
      actorId: event.actor.id ?? null,
      actorName: event.actor.name ?? null,
      actorEmail: event.actor.email ?? null,
      action: event.action,
      category: event.action.split(".")[0] ?? "",
      onBehalfOf: event.behalf === null ? null : canonicalJson(event.behalf),
      targetType: main?.type ?? null,
      targetId: main?.id ?? null,
      targetName: main?.name ?? null,
      targetOwnerId: main?.ownerId ?? null,
      moreTargets: others.length === 0 ? null : canonicalJson(others),
      ip: event.ip,
      country: event.place?.country ?? null,
      asn: event.place?.asn ?? null,
      network: event.network,
      summary: event.summary,
      changes:
        event.fields.length === 0 ? null : canonicalJson(event.fields.map((field) => ({ field, changed: true }))),
      details: event.details === null ? null : canonicalJson(event.details),
      userAgent: null,
      salts: "0".repeat(128),
      terms: [],
    };
    row.terms = termsOf(row);
    return row;
  });

/** Puts rows into the log as they are, numbered from `firstSeq`: without tree and counts, for tests of reading. */
export async function insertRows(
  ownerDb: Db,
  workspaceId: number,
  rows: readonly EventRow[],
  firstSeq = 1,
): Promise<void> {
  await new PartitionKeeper(ownerDb).ensure(rows.map((row) => row.occurredAtMs));
  const client = await ownerDb.connect();
  try {
    const stream = client.query(copyFrom(`copy event (${eventColumns.join(", ")}) from stdin (format binary)`));
    const finished = once(stream, "finish");
    stream.write(COPY_HEADER);
    rows.forEach((row, index) => {
      row.seq = firstSeq + index;
      const tuple = encodeTuple(row);
      const placed = Buffer.alloc(tuple.length);
      placeTuple(placed, 0, tuple, workspaceId, row.seq);
      stream.write(placed);
    });
    stream.end(COPY_TRAILER);
    await finished;
  } finally {
    client.release();
  }
}

/** Appends rows as they are through the real appender, with tree and counts, and sets their seqs. */
export async function appendRows(db: Db, ownerDb: Db, workspaceId: number, rows: readonly EventRow[]): Promise<void> {
  const appender = new Appender(db, ownerDb);
  const origin = { ownId: true, timeFromServer: false, redactions: new Map<string, number>() };
  const events = rows.map((row) => prepared(row, "main", origin));
  const { items } = await appender.append(workspaceId, events);
  for (const [index, item] of items.entries()) (rows[index] as EventRow).seq = item.seq;
  await appender.close();
}
