import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./run.ts";
import { checkDependencies, checkLock } from "./tidy/dependencies.ts";
import type { Finding, SourceFile } from "./tidy/finding.ts";
import { checkImports } from "./tidy/imports.ts";
import { checkSizes } from "./tidy/sizes.ts";
import { checkWords } from "./tidy/words.ts";

// npm run tidy: rules that a machine can hold. Each finding says what to do instead.

const textual = /\.(ts|tsx|js|json|md|css|html|sql|sh|yml|yaml|toml|txt)$|(^|\/)(LICENSE|run|Dockerfile)$/;

const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "-z"], {
  cwd: repository,
  encoding: "utf8",
});
const files: SourceFile[] = listed
  .split("\0")
  .filter((path) => textual.test(path) && existsSync(join(repository, path)))
  .map((path) => ({ path, text: readFileSync(join(repository, path), "utf8") }));

const findings: Finding[] = [
  ...checkDependencies(files),
  ...files.flatMap((file) => [
    ...checkLock(file),
    ...checkImports(file),
    ...checkSizes(file),
    ...checkWords(file, repository),
  ]),
];
for (const { path, line, message } of findings)
  process.stdout.write(`${path}${line === undefined ? "" : `:${line}`}  ${message}\n`);
process.stdout.write(`tidy: ${files.length} files, ${findings.length} findings\n`);
process.exit(findings.length === 0 ? 0 : 1);
