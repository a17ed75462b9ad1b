import { startServer } from "./harness.ts";
import { benchIngest } from "./ingest.ts";

const server = await startServer();
console.log("start", Math.round(server.startMs), "ms; at rest", server.memoryMb(), "MB");
console.table(await benchIngest(server, Number(process.argv[2] ?? 200_000)));
console.log("after", server.memoryMb(), "MB");
await server.stop();
