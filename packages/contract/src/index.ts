export * from "./errors.ts";
export * from "./event.ts";
export * from "./limits.ts";
export * from "./fold.ts";
