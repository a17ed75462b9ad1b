import type { BenchServer, Figure } from "./harness.ts";

/** Bytes an event takes on disk in sealed partitions, with every index and its share of the tree. */
export async function benchDisk(server: BenchServer): Promise<Figure[]> {
  const { rows } = await server.ownerDb.query<{
    bytes: number;
    events: number;
    heap: number;
    text: number;
    terms: number;
  }>(
    `select sum(pg_total_relation_size(name::regclass))::float8 as bytes, sum(pg_relation_size(name::regclass))::float8 as heap,
            sum(pg_relation_size((name || '_text')::regclass))::float8 as text,
            (select sum(pg_relation_size(indexrelid)) from pg_stat_user_indexes
              where relname in (select name from event_partition where sealed_at is not null) and indexrelname like '%terms%')::float8 as terms,
            sum((xpath('/row/n/text()', query_to_xml('select count(*) as n from ' || quote_ident(name), false, true, '')))[1]::text::bigint)::float8 as events
       from event_partition where sealed_at is not null`,
  );
  const { rows: tree } = await server.ownerDb.query<{ bytes: number; size: number }>(
    `select (pg_total_relation_size('log_tile') + pg_total_relation_size('log_leaf'))::float8 as bytes, (select sum(size) from log_head)::float8 as size`,
  );
  const sealed = rows[0];
  if (sealed === undefined || tree[0] === undefined || !(sealed.events > 0)) throw new Error("no partition is sealed");
  const each = (bytes: number): number => Math.round(bytes / sealed.events);
  const total = each(sealed.bytes) + Math.round(tree[0].bytes / tree[0].size);
  const parts = `rows ${each(sealed.heap)}, text index ${each(sealed.text)}, term index ${each(sealed.terms)}, tree ${Math.round(tree[0].bytes / tree[0].size)}`;
  return [
    {
      what: "disk per event, sealed, with every index",
      measured: `${total} bytes (${parts})`,
      wanted: "1,200 bytes",
      met: total < 1_200,
    },
  ];
}
