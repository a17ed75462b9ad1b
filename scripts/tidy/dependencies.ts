import type { Finding, SourceFile } from "./finding.ts";

interface Manifest {
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

/** Dependencies without a line in docs/dependencies.md, and lines without a dependency. */
export function checkDependencies(files: SourceFile[]): Finding[] {
  const path = "docs/dependencies.md";
  const text = files.find((file) => file.path === path)?.text ?? "";
  const described = new Set([...text.matchAll(/^\| ([^|]+) \|/gm)].flatMap((match) => (match[1] ?? "").split(", ")));
  for (const heading of ["package"]) described.delete(heading);
  const used = new Set(files.filter((file) => /(^|\/)package\.json$/.test(file.path)).flatMap(dependenciesOf));
  const findings: Finding[] = [];
  for (const name of used)
    if (!described.has(name)) findings.push({ path, message: `${name} has no line: licence, and what it saves` });
  for (const name of described) if (!used.has(name)) findings.push({ path, message: `nobody depends on ${name}` });
  return findings;
}

function dependenciesOf(file: SourceFile): string[] {
  const manifest = JSON.parse(file.text) as Manifest;
  const groups = [manifest.dependencies, manifest.devDependencies, manifest.optionalDependencies];
  return groups.flatMap((group) => Object.keys(group ?? {})).filter((name) => !name.startsWith("@daybook/"));
}
