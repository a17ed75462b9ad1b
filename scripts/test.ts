import { ensureConsole } from "../apps/server/src/console-build.ts";
import { findChromium, installChromium } from "./chromium.ts";
import { run } from "./run.ts";

// npm test [names…]: everything, or the test files whose path contains one of the names.
// 1. Find Chromium, or install it; without one the browser tests are skipped, which is said.
// 2. Build the console, which the browser tests open.
// 3. Run the tests.

const chromium = findChromium() ?? installChromium();
if (chromium === undefined)
  process.stdout.write(
    "There is no Chromium and it cannot be installed here: the browser tests are skipped. Install Chromium to run them.\n",
  );

await ensureConsole((line) => process.stdout.write(`${line}\n`));

process.exit(
  run("vitest", ["run", ...process.argv.slice(2)], chromium === undefined ? {} : { DAYBOOK_TEST_CHROMIUM: chromium }),
);
