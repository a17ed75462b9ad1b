import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { actionsPage } from "./docs/actions-page.ts";
import { cliPage } from "./docs/cli-page.ts";
import { errorsPage } from "./docs/errors-page.ts";
import { limitsPage } from "./docs/limits-page.ts";
import { queryPage } from "./docs/query-page.ts";
import { settingsPage } from "./docs/settings-page.ts";
import { repository } from "./run.ts";

// npm run docs: writes docs/reference/ from the code. With --check it writes nothing and fails when a page is old.

const pages: Record<string, () => string> = {
  "settings.md": settingsPage,
  "errors.md": errorsPage,
  "limits.md": limitsPage,
  "actions.md": actionsPage,
  "cli.md": cliPage,
  "query.md": queryPage,
};

const directory = join(repository, "docs", "reference");
const check = process.argv.includes("--check");
const old: string[] = [];
mkdirSync(directory, { recursive: true });
for (const [name, render] of Object.entries(pages)) {
  const path = join(directory, name);
  const text = `${render().trimEnd()}\n`;
  if (existsSync(path) && readFileSync(path, "utf8") === text) continue;
  if (check) old.push(name);
  else {
    writeFileSync(path, text);
    process.stdout.write(`docs/reference/${name}\n`);
  }
}
if (old.length > 0) process.stderr.write(`Old: ${old.join(", ")} in docs/reference. Run npm run docs and commit.\n`);
process.exit(old.length > 0 ? 1 : 0);
