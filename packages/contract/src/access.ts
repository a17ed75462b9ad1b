import { z } from "zod";
import { accessLimits, scopes } from "./access-terms.ts";
import { type Permission, permissionNames } from "./permissions.ts";

export * from "./access-terms.ts";

const time = z.string().describe("RFC 3339, UTC, milliseconds");
const typedPassword = z.string().min(1).max(1024);
const personName = z.string().trim().max(200);

/** An e-mail address as a person types it: trimmed, at most 254 characters (RFC 5321 4.5.3.1.3). */
export const emailSchema = z
  .string()
  .trim()
  .max(254)
  .regex(/^[^\s@"<>(),;:\\]+@[^\s@"<>(),;:\\]+$/, "is not an e-mail address");

export const scopeSchema = z.enum(scopes);
export const permissionSchema = z.enum(permissionNames as [Permission, ...Permission[]]);

/** A member of staff as those see them who manage staff. */
export const memberSchema = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  role: z.string(),
  totpEnabled: z.boolean(),
  hasPassword: z.boolean().describe("False until they have chosen one by their link."),
  disabled: z.boolean().describe("Shut out of this workspace."),
  createdAt: time,
  lastSeenAt: time.optional(),
});
export const inviteSchema = z.strictObject({
  email: emailSchema,
  name: personName.default(""),
  role: z.string().min(1).max(40),
});
export const changeMemberSchema = z
  .strictObject({ role: z.string().min(1).max(40).optional(), disabled: z.boolean().optional() })
  .refine((change) => change.role !== undefined || change.disabled !== undefined, "names neither role nor disabled");
/** A one-time link with which somebody chooses a password. */
export const passwordLinkSchema = z.object({ link: z.string().describe("Valid for 24 hours, once. Shown this once.") });
export const invitedSchema = z.object({
  member: memberSchema,
  link: z
    .string()
    .optional()
    .describe("To hand on: it did not go out by mail. Left out for somebody who has a password already."),
  sentTo: z.string().optional().describe("The address to which the link went by mail; then it is not shown."),
});
/** `POST /password-resets`. */
export const askPasswordResetSchema = z.strictObject({ email: z.string().trim().min(1).max(254) });
export const workspaceSlugSchema = z
  .string()
  .regex(/^[a-z][a-z0-9-]{1,39}$/, "must be 2 to 40 lower-case letters, digits and hyphens, a letter first");
export const createWorkspaceSchema = z.strictObject({
  slug: workspaceSlugSchema,
  name: z.string().trim().min(1).max(100),
});
export const renameWorkspaceSchema = z.strictObject({ name: z.string().trim().min(1).max(100) });

export const apiKeySchema = z.object({
  id: z.string(),
  name: z.string(),
  prefix: z.string().describe("The first characters of the key, to tell keys apart."),
  scopes: z.array(scopeSchema),
  createdAt: time,
  createdBy: z.string().optional(),
  expiresAt: time.optional(),
  lastUsedAt: time.optional().describe("To the minute."),
  revokedAt: time.optional(),
  replacedBy: z.string().optional().describe("The id of the key that took over when this one was rotated."),
});

/** The reply that carries the key itself: the only time it is shown. */
export const mintedKeySchema = apiKeySchema.extend({ key: z.string() });

export const createKeySchema = z.strictObject({
  name: z.string().trim().min(1).max(accessLimits.keyNameLengthMax),
  scopes: z.array(scopeSchema).min(1),
  expiresAt: z.iso.datetime({ offset: true }).optional(),
});

export const rotateKeySchema = z.strictObject({
  graceSeconds: z
    .number()
    .int()
    .min(0)
    .max(accessLimits.rotationGraceSecondsMax)
    .default(accessLimits.rotationGraceSecondsDefault)
    .describe("How long the old key goes on working."),
});

export const staffSchema = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  totpEnabled: z.boolean(),
});

export const workspaceAccessSchema = z.object({
  slug: z.string(),
  name: z.string(),
  role: z.string().describe("A role that every workspace has, or one of its own."),
  permissions: z.array(permissionSchema),
  scopes: z.array(scopeSchema).describe("What one may give to an API key."),
});

export const signInSchema = z.strictObject({
  email: z.string().trim().min(1).max(254),
  password: typedPassword,
  code: z
    .string()
    .trim()
    .max(20)
    .optional()
    .describe("The six digits of the authenticator app, once two factors are on."),
});

export const signedInSchema = z.object({
  staff: staffSchema,
  csrfToken: z.string().describe("Send it as X-Daybook-CSRF with every request that changes something."),
  workspaces: z.array(workspaceAccessSchema).describe("The first is used unless X-Daybook-Workspace names another."),
});

export const meSchema = signedInSchema.extend({
  workspace: workspaceAccessSchema,
  session: z.object({ id: z.string(), createdAt: time, expiresAt: time }),
});

export const sessionSchema = z.object({
  id: z.string(),
  current: z.boolean(),
  ip: z.string().optional(),
  userAgent: z.string().optional(),
  createdAt: time,
  lastSeenAt: time,
  expiresAt: time,
});

export const setupStateSchema = z.object({ needed: z.boolean() });

export const setupSchema = z.strictObject({
  token: z.string().min(1).max(200),
  email: emailSchema,
  name: personName.default(""),
  password: typedPassword,
  workspaceName: z.string().trim().min(1).max(100).optional(),
});

export const choosePasswordSchema = z.strictObject({ token: z.string().min(1).max(200), password: typedPassword });
export const changePasswordSchema = z.strictObject({ currentPassword: typedPassword, password: typedPassword });

export const totpEnrolmentSchema = z.object({
  secret: z.string().describe("Base32, to type by hand."),
  uri: z.string().describe("otpauth:// URI, to show as a QR code."),
});
/** Shows once more who one is: the password, or a code of the authenticator app or of the list. */
export const stepUpSchema = z.union([
  z.strictObject({ password: typedPassword }),
  z.strictObject({ code: z.string().trim().min(1).max(20) }),
]);
export const recoveryCodesSchema = z.object({
  recoveryCodes: z.array(z.string()).describe("Each counts once instead of a code of the app. Shown this once."),
});
export const totpCodeSchema = z.strictObject({ code: z.string().trim().max(20) });
export const totpRemovalSchema = z.strictObject({ password: typedPassword });

/** Every list of the API has this form. */
export function listOf<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    nextCursor: z.string().nullable(),
    total: z.object({ value: z.number().int(), relation: z.enum(["eq", "gte"]) }),
  });
}

export type ApiKey = z.infer<typeof apiKeySchema>;
export type MintedKey = z.infer<typeof mintedKeySchema>;
export type Member = z.infer<typeof memberSchema>;
export type Staff = z.infer<typeof staffSchema>;
export type WorkspaceAccess = z.infer<typeof workspaceAccessSchema>;
export type SignedIn = z.infer<typeof signedInSchema>;
export type StaffSession = z.infer<typeof sessionSchema>;
