import { describeKeys } from "@daybook/contract";

/** docs/reference/query.md: every key of the query language. */
export function queryPage(): string {
  const rows = describeKeys().map(({ key, starts, doc, example, values }) => {
    const known = values.length === 0 ? "" : ` Values: ${values.map((value) => `\`${value}\``).join(", ")}.`;
    const compared = starts.length > 1 ? " Also `>=`, `>`, `<=`, `<`." : "";
    return `| \`${key}\` | ${doc}${known}${compared} | \`${example}\` |`;
  });
  return `# The keys of the query language

Made from \`packages/contract/src/query/keys.ts\` by \`npm run docs\`. How queries work: [Finding events](../guides/search.md).

| key | what it finds | example |
| --- | --- | --- |
${rows.join("\n")}
`;
}
