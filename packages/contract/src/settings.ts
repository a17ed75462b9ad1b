import { z } from "zod";
import { contrast, contrastMin } from "./colour.ts";
import { mailAddress } from "./mail.ts";
import { settingLimits } from "./setting-terms.ts";

export * from "./setting-terms.ts";

const whole = (least: number, most: number) => z.number().int().min(least).max(most);

const timeZone = z.string().max(64).refine(isTimeZone, { message: "is not a time zone such as Europe/Berlin or UTC" });

const accentColour = z
  .string()
  .regex(/^#[0-9a-f]{6}$/i, "is not a colour such as #4f46e5")
  .transform((colour) => colour.toLowerCase())
  .superRefine((colour, context) => {
    const found = contrast(colour, "#ffffff");
    if (found >= contrastMin) return;
    context.addIssue({
      code: "custom",
      message: `has a contrast of ${found.toFixed(1)} : 1 with white; ${contrastMin} : 1 is needed to read white text on it. Choose a darker one`,
    });
  });

const logo = z.string().superRefine((text, context) => {
  const fault = logoFault(text);
  if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
});

const mailFromName = z
  .string()
  .trim()
  .min(1)
  .max(settingLimits.mailFromNameLengthMax)
  .regex(/^\P{Cc}*$/u, "holds a line break or another control character");

const redactFields = z
  .array(
    z
      .string()
      .trim()
      .min(1)
      .max(settingLimits.redactFieldLengthMax)
      .regex(/[\p{L}\p{N}]/u, "needs a letter or a digit"),
  )
  .max(settingLimits.redactFieldsMax)
  .transform((names) => [...new Set(names)]);

const viewerOrigins = z
  .array(z.string().trim().refine(isWebOrigin, { message: "is not an origin such as https://panel.example.com" }))
  .max(settingLimits.viewerOriginsMax)
  .transform((origins) => [...new Set(origins.map((origin) => new URL(origin).origin))]);

/** What each workspace may decide for itself: its form, and what it means. `null` in a change brings the default back. The same names are
 *  keys of `daybook.config.json`; what is set there or in the environment holds for every workspace and is fixed. */
export const workspaceSettingSchemas = {
  timeZone: timeZone.describe("The zone in which times are shown to people who chose none."),
  brandName: z
    .string()
    .trim()
    .min(1)
    .max(settingLimits.brandNameLengthMax)
    .nullable()
    .describe("The name on top of the console instead of Daybook."),
  accentColour: accentColour.nullable().describe("The colour of buttons, links and what is chosen, as #rrggbb."),
  logo: logo.nullable().describe("A PNG of at most 32 KB, shown beside the name; outside the console as a data: URL."),
  redactFields: redactFields.describe(
    "Further field names whose values are redacted. The spelling does not matter: ssn covers customerSsn.",
  ),
  noticeNewLocation: z.boolean().describe("Tell people by mail when their account is used from a new location."),
  noticeSessionExpired: z.boolean().describe("Tell people by mail when one of their sessions has expired."),
  mailFrom: mailAddress.nullable().describe("The address from which mail is sent, unless a message names another."),
  mailFromName: mailFromName.nullable().describe("The name beside it. Left out, the name of the brand."),
  mailReplyTo: mailAddress.nullable().describe("Where answers go. Left out, to the sender."),
  digestTo: z
    .array(mailAddress)
    .max(settingLimits.digestToMax)
    .transform((addresses) => [...new Set(addresses)])
    .describe("Addresses that get the figures of the day before at seven in the morning. Empty: nobody."),
  staffAs: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .describe("The name under which customers see your staff, unless a viewer token says otherwise."),
  viewerOrigins: viewerOrigins.describe(
    "Web origins whose pages may show a customer's activity. Empty means any: the token is the secret.",
  ),
  requireTwoFactors: z.boolean().describe("People without two factors can do nothing here but turn them on."),
  sessionIdleMinutes: whole(1, 525_600).describe("A sign-in ends when it was not used for so long."),
  sessionHours: whole(1, 8_760).describe("A sign-in ends after so long in any case."),
} as const;

export type WorkspaceSettingName = keyof typeof workspaceSettingSchemas;

/** Every setting of a workspace with the value that holds. */
export type WorkspaceSettings = { [K in WorkspaceSettingName]: z.output<(typeof workspaceSettingSchemas)[K]> };

export const workspaceSettingNames = Object.keys(workspaceSettingSchemas) as WorkspaceSettingName[];

/** What holds where nobody said anything. `sessionIdleMinutes` and `sessionHours` come from the installation. */
export const workspaceSettingDefaults: WorkspaceSettings = {
  timeZone: "UTC",
  brandName: null,
  accentColour: null,
  logo: null,
  redactFields: [],
  noticeNewLocation: true,
  noticeSessionExpired: false,
  mailFrom: null,
  mailFromName: null,
  mailReplyTo: null,
  digestTo: [],
  staffAs: "Support",
  viewerOrigins: [],
  requireTwoFactors: false,
  sessionIdleMinutes: 480,
  sessionHours: 168,
};

const changeable = {} as {
  [K in WorkspaceSettingName]: z.ZodOptional<z.ZodNullable<(typeof workspaceSettingSchemas)[K]>>;
};
for (const name of workspaceSettingNames)
  Object.assign(changeable, { [name]: workspaceSettingSchemas[name].nullable().optional() });

/** `PATCH /api/v1/settings`: what is left out stays; null brings the default back. */
export const changeSettingsSchema = z.strictObject(changeable);

/** Where the value of a setting came from, strongest last. */
export const settingSources = ["default", "workspace", "file", "environment", "flag"] as const;

export const settingSchema = z.object({
  name: z.string(),
  value: z.json().describe("What holds. Null: not set."),
  default: z.json(),
  source: z.enum(settingSources),
  changeable: z
    .boolean()
    .describe("Whether it can be changed by this API: not when the file, the environment or a flag sets it."),
  what: z.string(),
  unit: z.string().optional(),
  environment: z.string().optional().describe("The variable that sets it for the whole installation."),
  secret: z.literal(true).optional().describe('The value is never shown; it is "set" or null.'),
});

/** `GET /api/v1/settings`. */
export const settingsSchema = z.object({
  workspace: z.array(settingSchema),
  installation: z.array(settingSchema).describe("Set by file, environment or flag, for every workspace."),
});

/** `GET /api/v1/branding`: what every screen needs to know of the settings. */
export const brandingSchema = z.object({
  name: z.string().nullable(),
  accentColour: z.string().nullable(),
  logo: z.string().nullable(),
  timeZone: z.string(),
});

/** One address on the way of a request, nearest to the server first. */
export const originHopSchema = z.object({
  ip: z.string().nullable().describe("Null: what stood there is no address."),
  text: z.string().describe("As it was received."),
  from: z.enum(["connection", "X-Forwarded-For", "Forwarded"]),
  trusted: z.boolean().describe("It is one of the trusted proxies, so the hop before it is believed."),
  read: z.boolean().describe("False for what stands further left: a client could have made it up."),
});

/** `GET /api/v1/settings/origin-test`. */
export const originTestSchema = z.object({
  clientIp: z.string().describe("The address that events and sessions of this request get."),
  sentence: z.string(),
  why: z.string(),
  hops: z.array(originHopSchema),
  headers: z.record(z.string(), z.string()).describe("The forwarding headers as they were received."),
  trustedProxies: z.array(z.string()),
  advice: z.string().optional().describe("What to do when this is not what was meant."),
});

export type Setting = z.infer<typeof settingSchema>;
export type SettingSource = (typeof settingSources)[number];
export type Settings = z.infer<typeof settingsSchema>;
export type SettingsChange = z.input<typeof changeSettingsSchema>;
export type Branding = z.infer<typeof brandingSchema>;
export type OriginTest = z.infer<typeof originTestSchema>;
export type OriginHop = z.infer<typeof originHopSchema>;

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

/** Scheme, host and port alone (RFC 6454), http or https. */
function isWebOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return /^https?:$/.test(url.protocol) && url.pathname === "/" && url.search + url.hash + url.username === "";
}

const pngPrefix = "data:image/png;base64,";

/** PNG alone: SVG can hold scripts. Its first chunk holds width and height (PNG 11.2.1). */
function logoFault(text: string): string | undefined {
  const base64 = text.slice(pngPrefix.length);
  if (!text.startsWith(pngPrefix) || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64))
    return "is not a PNG as data:image/png;base64,…";
  const bytes = Math.floor((base64.replace(/=+$/, "").length * 3) / 4);
  if (bytes > settingLimits.logoBytesMax)
    return `has ${bytes} bytes; at most ${settingLimits.logoBytesMax} are allowed`;
  const head = Uint8Array.from(atob(base64.slice(0, 32)), (letter) => letter.charCodeAt(0));
  if (head.length < 24 || [137, 80, 78, 71, 13, 10, 26, 10].some((byte, at) => head[at] !== byte))
    return "is not a PNG";
  const view = new DataView(head.buffer);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const most = settingLimits.logoPixelsMax;
  if (width > most || height > most || width === 0 || height === 0)
    return `has ${width} × ${height} pixels; at most ${most} × ${most} are allowed`;
  return undefined;
}
