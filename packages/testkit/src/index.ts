export * from "./access.ts";
export * from "./app.ts";
export * from "./database.ts";
export * from "./directory.ts";
export * from "./import-items.ts";
export * from "./process.ts";
export * from "./proven-log.ts";
export * from "./sample-log.ts";
