import { run, runSteps } from "./run.ts";

// npm run check: what must hold before a commit is pushed. The same as .ci/run, without the installation.
runSteps([
  { name: "lint", run: () => run("biome", ["check", "."]) },
  { name: "types", run: () => run("npm", ["run", "--silent", "types"]) },
  { name: "tidy", run: () => run("npm", ["run", "--silent", "tidy"]) },
  { name: "docs", run: () => run("node", ["scripts/docs.ts", "--check"]) },
  { name: "tests", run: () => run("node", ["scripts/test.ts"]) },
]);
