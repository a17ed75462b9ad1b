export * from "./access.ts";
export * from "./errors.ts";
export * from "./event.ts";
export * from "./fold.ts";
export * from "./limits.ts";
