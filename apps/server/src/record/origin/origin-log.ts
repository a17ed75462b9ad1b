import type { Logger } from "pino";

/** What the origin data says while it loads and reloads. */
export type OriginLog = Pick<Logger, "info" | "warn">;
