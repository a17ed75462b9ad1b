import { describeKeys } from "../../packages/contract/src/query/keys.ts";
import { generated, table } from "./table.ts";

export function queryPage(): string {
  const rows = describeKeys().map(({ key, starts, doc, example, values }) => {
    const known = values.length === 0 ? "" : ` Values: ${values.map((value) => `\`${value}\``).join(", ")}.`;
    const compared = starts.length > 1 ? " Also `>=`, `>`, `<=`, `<`." : "";
    return [`\`${key}\``, `${doc}${known}${compared}`, `\`${example}\``];
  });
  return `# The keys of the query language

${generated}

How queries work: [Finding events](../guides/search.md).

${table(["key", "what it finds", "example"], rows)}
`;
}
