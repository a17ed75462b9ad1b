import { isAny, isName, type Pattern, typedIds } from "@daybook/contract";
import { likePattern, type Parameters } from "./parameters.ts";

/** Where the actor, the one acted for, or a target stands: SQL expressions in lower case. */
export interface PartyColumns {
  type: string;
  id: string;
  /** What a value is compared with: id, name, e-mail address. */
  texts: readonly string[];
}

/** Whether one of the patterns means this party: by id, name, e-mail address, type, or `type/id`. */
export function partyCondition(columns: PartyColumns, patterns: readonly Pattern[], parameters: Parameters): string {
  if (patterns.some(isAny)) return `${columns.type} is not null`;
  const exact = patterns.filter((pattern) => pattern.length === 1).map((pattern) => pattern[0] ?? "");
  const wild = patterns.filter((pattern) => pattern.length > 1 && isName(pattern)).map(likePattern);
  const tests: string[] = [];
  if (exact.length > 0) {
    const list = parameters.add(exact);
    for (const text of [...columns.texts, columns.type]) tests.push(`${text} = any(${list}::text[])`);
  }
  if (wild.length > 0) {
    const list = parameters.add(wild);
    for (const text of columns.texts) tests.push(`${text} like any(${list}::text[])`);
  }
  for (const { type, id } of patterns.flatMap(typedIds)) {
    const isType = `${columns.type} = ${parameters.add(type)}`;
    const isId =
      id.length === 1
        ? `${columns.id} = ${parameters.add(id[0])}`
        : `${columns.id} like ${parameters.add(likePattern(id))}`;
    tests.push(`(${isType} and ${isId})`);
  }
  return tests.length === 0 ? "false" : tests.join(" or ");
}
