/** The fixed words of an event. Apart from the schemas, so that the console can have them without the schema library. */
export const actorTypes = ["user", "staff", "api_key", "system", "anonymous"] as const;
export const outcomes = ["success", "failure", "denied"] as const;
export const kinds = ["system", "user", "administrative"] as const;
export const severities = ["info", "low", "medium", "high", "critical"] as const;
export const authMethods = ["session", "api_key", "oauth", "ssh", "cli"] as const;

export type ActorType = (typeof actorTypes)[number];
export type Outcome = (typeof outcomes)[number];
export type Kind = (typeof kinds)[number];
export type Severity = (typeof severities)[number];
export type AuthMethod = (typeof authMethods)[number];
