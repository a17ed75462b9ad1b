import { buildConsole } from "../apps/server/src/console-build.ts";

// npm run build: builds the console into apps/console/dist, from where the server serves it.
const worked = await buildConsole((line) => process.stdout.write(`${line}\n`));
process.exit(worked ? 0 : 1);
