export * from "./database.ts";
export * from "./sample-log.ts";
