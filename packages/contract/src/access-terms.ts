/** What an API key may do. A scope is `thing:act`; what it stands for: `scopePermissions`. */
export const scopes = [
  "events:write",
  "events:read",
  "log:read",
  "actions:write",
  "keys:manage",
  "staff:manage",
  "settings:write",
  "viewer_tokens:create",
  "tasks:write",
  "tasks:read",
  "schedules:write",
  "mail:send",
  "mail:read",
  "mail:body",
] as const;

/** The roles that every workspace has; it can have others of its own. */
export const roles = ["owner", "administrator", "auditor", "support", "billing"] as const;

export type Scope = (typeof scopes)[number];
export type Role = (typeof roles)[number];

/** Limits of sign-in and keys, each with its reason. */
export const accessLimits = {
  /** NIST SP 800-63B rev. 4, 3.1.1.2 asks for 15 where a password stands alone and 8 beside a second factor. */
  passwordLengthMin: 12,
  /** Long enough for any passphrase, short enough that hashing stays cheap. */
  passwordLengthMax: 256,
  keyNameLengthMax: 100,
  /** A rotated key goes on working this long unless the caller says otherwise. */
  rotationGraceSecondsDefault: 24 * 3600,
  rotationGraceSecondsMax: 30 * 24 * 3600,
} as const;
