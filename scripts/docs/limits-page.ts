import { readFileSync } from "node:fs";
import { join } from "node:path";
import { limits } from "../../packages/contract/src/limits.ts";
import { repository } from "../run.ts";
import { generated, table } from "./table.ts";

export function limitsPage(): string {
  const reasons = readReasons();
  const rows = Object.entries(limits).map(([name, value]) => [
    `\`${name}\``,
    format(name, value),
    reasons.get(name) ?? "",
  ]);
  return `# Limits

${generated}

An error that meets a limit names it (\`limit\`) with its value (\`max\`).

${table(["limit", "value", "why"], rows)}
`;
}

/** The comment before each limit; one comment may stand for the limits that follow it without one. */
function readReasons(): Map<string, string> {
  const source = readFileSync(join(repository, "packages/contract/src/limits.ts"), "utf8");
  const reasons = new Map<string, string>();
  let reason = "";
  for (const match of source.matchAll(/\/\*\*([\s\S]*?)\*\/|^\s+(\w+):/gm)) {
    if (match[2] === undefined) reason = (match[1] ?? "").replaceAll(/\s*\n\s*\*?\s*/g, " ").trim();
    else reasons.set(match[2], reason);
  }
  return reasons;
}

function format(name: string, value: number): string {
  if (name.includes("Bytes") && value % 1024 === 0)
    return value % 1024 ** 2 === 0 ? `${value / 1024 ** 2} MiB` : `${value / 1024} KiB`;
  if (name.endsWith("Ms")) return value % 60_000 === 0 ? `${value / 60_000} min` : `${value / 1000} s`;
  return value.toLocaleString("en-GB");
}
