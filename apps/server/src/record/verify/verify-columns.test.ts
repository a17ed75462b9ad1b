import { type ProvenLog, provenLog } from "@daybook/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const EVENTS = 500;

describe("verifying a log in which one value was changed", () => {
  let log: ProvenLog;
  beforeAll(async () => {
    log = await provenLog(EVENTS, []);
  });
  afterAll(() => log.close());

  /** What a person with the database's password could do to one value, by the type of its column. */
  const changesByType: Record<string, string[]> = {
    smallint: ["$ + 1"],
    integer: ["$ + 1000"],
    bigint: ["$ + 100000"],
    text: [
      // One character in the middle, one at the end, another case.
      "overlay($ placing chr(97 + (ascii(substr($, length($) / 2 + 1, 1)) + 1) % 26) from length($) / 2 + 1 for 1)",
      "$ || ' '",
      "case when upper($) = $ then lower($) || '.' else upper($) end",
    ],
    uuid: ["(substr($::text, 1, 35) || case right($::text, 1) when '0' then '1' else '0' end)::uuid"],
    "timestamp with time zone": ["$ + interval '1 millisecond'", "$ + interval '1 hour'"],
    inet: ["$ + 1", "set_masklen($, 16)"],
    bytea: [0, 20, 40, 63]
      .map((at) => `set_byte($, ${at}, get_byte($, ${at}) # 1)`)
      .concat("$ || '\\x00'", "substr($, 1, 60)"),
    ARRAY: [
      "$[2:]",
      "$ || 2147483647",
      "array[$[1] + 1] || $[2:]",
      "array[$[2], $[1]] || $[3:]",
      "'[0:1]={1,2}'::int[]",
    ],
  };
  const emptyByType: Record<string, string> = { smallint: "1", bigint: "5", text: "'x'", inet: "'192.0.2.1'" };

  it("finds and names a change of any value in any column of an event", async () => {
    const columns = await log.database.ownerDb.query(
      `select column_name as name, data_type as type, is_nullable = 'YES' as nullable from information_schema.columns
       where table_schema = 'public' and table_name = 'event' order by ordinal_position`,
    );
    expect(columns.rows.length).toBeGreaterThanOrEqual(37);
    let changes = 0;
    for (const { name, type, nullable } of columns.rows) {
      const kinds = changesByType[type] ?? [];
      expect(kinds, `a column of type ${type} needs an entry in changesByType`).not.toEqual([]);
      const expressions = kinds.map((kind) => kind.replaceAll("$", `event.${name}`));
      const filled = nullable ? [...expressions, "null"] : expressions;
      for (const [state, list] of [
        ["not null", filled],
        ["null", nullable ? [emptyByType[type] ?? ""] : []],
      ] as const) {
        for (const expression of list) {
          const found = await log.database.ownerDb.query(
            `select seq, id from event where ${name} is ${state} and seq > 300 order by seq limit 1`,
          );
          expect(found.rows, `no sample event has ${name} ${state}`).toHaveLength(1);
          const { seq, id } = found.rows[0];
          await log.database.ownerDb.query(`create table kept as select * from event where seq = ${seq}`);
          const changed = await log.database.ownerDb.query(
            `update event set ${name} = ${expression} where seq = ${seq}`,
          );
          expect(changed.rowCount).toBe(1);
          const { firstFault } = await log.verify();
          const key = name === "id" ? "seq" : "id";
          await log.database.ownerDb.query(
            `update event set ${name} = kept.${name} from kept where event.${key} = kept.${key}`,
          );
          await log.database.ownerDb.query("drop table kept");
          expect([name, expression, firstFault?.seq], id).toEqual([name, expression, Number(seq)]);
          expect(firstFault?.kind).toMatch(/^(changed|column|missing)$/);
          changes++;
        }
      }
    }
    expect(changes).toBeGreaterThan(100);
    expect((await log.verify()).ok).toBe(true);
  }, 180_000);
});
