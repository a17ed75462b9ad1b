import { errorCodes } from "../../packages/contract/src/errors.ts";
import { generated, table } from "./table.ts";

export function errorsPage(): string {
  const rows = Object.entries(errorCodes)
    .toSorted(([, a], [, b]) => a.status - b.status)
    .map(([code, { status, title }]) => [String(status), `\`${code}\``, title]);
  return `# Errors

${generated}

Every error of the API is a problem document (RFC 9457, \`application/problem+json\`) with \`code\`, \`title\`, \`status\`,
\`detail\` and \`requestId\`; \`errors\` lists single faults, each with \`code\`, \`message\` and, as far as it applies, \`index\` (in a
batch), \`line\` (in NDJSON) and \`pointer\` (RFC 6901). \`429\` and \`503\` carry \`Retry-After\`. The request id is also in the
\`x-request-id\` header of every reply, and in the server's log.

${table(["status", "code", "title"], rows)}
`;
}
