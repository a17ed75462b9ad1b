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
  const cells = [...text.matchAll(/^\|([^|]+)\|/gm)].map((match) => (match[1] ?? "").trim());
  const described = new Set(
    cells.filter((cell) => cell !== "package" && !/^-+$/.test(cell)).flatMap((cell) => cell.split(", ")),
  );
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

interface Lock {
  packages: Record<string, { optionalDependencies?: Record<string, string> }>;
}

/** Packages for other platforms that the lock file lacks: npm ci refuses such a lock. It happens with a registry that misses some. */
export function checkLock({ path, text }: SourceFile): Finding[] {
  if (path !== "package-lock.json") return [];
  const { packages } = JSON.parse(text) as Lock;
  const places = Object.keys(packages);
  const wanted = Object.values(packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}));
  const missing = [...new Set(wanted)].filter(
    (name) => !places.some((place) => place.endsWith(`node_modules/${name}`)),
  );
  return missing.map((name) => ({
    path,
    message: `lacks ${name}: take the lock of a registry that has every platform`,
  }));
}
