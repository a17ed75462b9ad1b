import { limits } from "../limits.ts";
import { closest } from "./closest.ts";
import { queryFault } from "./fault.ts";
import { keyDefinition, keyHints, type QueryKey, queryKeyNames } from "./keys.ts";
import { lexQuery, type RawTerm } from "./lexer.ts";
import { type KeyTerm, type Operator, operators, type Query, type Term } from "./query.ts";
import { storable } from "./storable.ts";
import { readPattern, readValue } from "./value.ts";

/**
 * Parses a query in the query language. Throws AppError invalid_query with the position of the fault and what was
 * meant. White space alone is the query that matches everything.
 */
export function parseQuery(text: string): Query {
  if (text.length > limits.queryLengthMax) {
    throw queryFault(`A query has at most ${limits.queryLengthMax} characters (queryLengthMax).`, {
      position: limits.queryLengthMax,
      length: text.length - limits.queryLengthMax,
    });
  }
  const terms = lexQuery(storable(text));
  const extra = terms[limits.queryTermsMax];
  if (extra !== undefined) {
    throw queryFault(`A query has at most ${limits.queryTermsMax} terms (queryTermsMax).`, extra);
  }
  return { terms: terms.map((raw) => termOf(raw, text)) };
}

function termOf(raw: RawTerm, text: string): Term {
  const { position, length, negated } = raw;
  if (raw.key === undefined) {
    const pieces = raw.values[0]?.pieces ?? [];
    return { type: "text", position, length, negated, pattern: readPattern(pieces) };
  }
  const key = keyOf(raw.key, text);
  const path = pathOf(key, raw.key);
  const operator = operatorOf(raw, key);
  const term: KeyTerm = { type: "key", position, length, negated, key, path, operator, values: [] };
  term.values = raw.values.map((value) =>
    readValue(term, value, text.slice(value.position, value.position + value.length)),
  );
  return term;
}

function keyOf(raw: NonNullable<RawTerm["key"]>, text: string): QueryKey {
  const name = raw.name.toLowerCase();
  const known = queryKeyNames.find((key) => key === name);
  if (known !== undefined) return known;
  const suggestion = closest(name, queryKeyNames) ?? keyHints[name];
  const hint = suggestion === undefined ? `Keys are ${queryKeyNames.join(", ")}.` : `Did you mean '${suggestion}'?`;
  const word = /^\S+/.exec(text.slice(raw.position))?.[0] ?? raw.name;
  const quoted = `To search for the text itself, put it in quotes: "${word.replaceAll('"', "")}".`;
  throw queryFault(
    `There is no key '${raw.name}'. ${hint} ${quoted}`,
    { position: raw.position, length: raw.name.length },
    suggestion,
  );
}

function pathOf(key: QueryKey, raw: NonNullable<RawTerm["key"]>): string {
  const path = raw.path ?? "";
  const span = { position: raw.position, length: raw.length };
  if (key === "details" && path === "") {
    throw queryFault("Say which of the details is meant, e.g. details.reason:chargeback.", span);
  }
  if (key !== "details" && raw.path !== undefined) {
    throw queryFault(`Only details has a path; write '${key}:'.`, span, `${key}:`);
  }
  return path;
}

function operatorOf(raw: RawTerm, key: QueryKey): Operator {
  const written = raw.operator === "=" ? ":" : raw.operator;
  const operator = operators.find((known) => known === written) ?? ":";
  if (operator === ":") return operator;
  const ordered = queryKeyNames.filter((name) => keyDefinition(name).ordered === true);
  if (!ordered.includes(key)) {
    throw queryFault(
      `'${key}' takes ':' only; ${ordered.join(", ")} can be compared with ${operator}.`,
      raw,
      `${key}:`,
    );
  }
  if (raw.values.length > 1) throw queryFault(`After ${operator} stands one value, without commas.`, raw);
  return operator;
}
