import { type WorkspaceSettingName, type WorkspaceSettings, workspaceSettingSchemas } from "@daybook/contract";
import type { Setting } from "../settings.ts";

/** What a workspace may set, set for all of them: by file, environment or flag. Then it is fixed. Part of the table in settings.ts.
 *  The limits of sessions are there already; further redacted fields add up and are not fixed. */
export const workspaceConfig = {
  timeZone: fixed("timeZone", "DAYBOOK_TIME_ZONE", "--time-zone <zone>", text),
  brandName: fixed("brandName", "DAYBOOK_BRAND_NAME", "--brand-name <name>", text),
  accentColour: fixed("accentColour", "DAYBOOK_ACCENT_COLOUR", "--accent-colour <colour>", text),
  logo: fixed("logo", "DAYBOOK_LOGO", "--logo <data-url>", text),
  noticeNewLocation: fixed("noticeNewLocation", "DAYBOOK_NOTICE_NEW_LOCATION", "--notice-new-location <yes|no>", yesNo),
  noticeSessionExpired: fixed(
    "noticeSessionExpired",
    "DAYBOOK_NOTICE_SESSION_EXPIRED",
    "--notice-session-expired <yes|no>",
    yesNo,
  ),
  mailFrom: fixed("mailFrom", "DAYBOOK_MAIL_FROM", "--mail-from <address>", text),
  mailFromName: fixed("mailFromName", "DAYBOOK_MAIL_FROM_NAME", "--mail-from-name <name>", text),
  mailReplyTo: fixed("mailReplyTo", "DAYBOOK_MAIL_REPLY_TO", "--mail-reply-to <address>", text),
  digestTo: fixed("digestTo", "DAYBOOK_DIGEST_TO", "--digest-to <list>", list),
  staffAs: fixed("staffAs", "DAYBOOK_STAFF_AS", "--staff-as <name>", text),
  viewerOrigins: fixed("viewerOrigins", "DAYBOOK_VIEWER_ORIGINS", "--viewer-origins <list>", list),
  requireTwoFactors: fixed("requireTwoFactors", "DAYBOOK_REQUIRE_TWO_FACTORS", "--require-two-factors <yes|no>", yesNo),
};

function fixed<Name extends WorkspaceSettingName>(
  name: Name,
  env: string,
  flag: string,
  parse: (text: string) => unknown,
): Setting<WorkspaceSettings[Name] | undefined> {
  const schema = workspaceSettingSchemas[name];
  const read = (given: string) => {
    const read = schema.safeParse(parse(given));
    if (!read.success) throw new Error(`it ${read.error.issues[0]?.message ?? "is not valid"}`);
    return read.data as WorkspaceSettings[Name];
  };
  const doc = `${schema.description} Left out, each workspace decides.`;
  return { env, flag, fallback: undefined, doc, read };
}

function text(given: string): string {
  return given;
}

function list(given: string): string[] {
  return given
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

function yesNo(given: string): boolean | string {
  return { yes: true, true: true, no: false, false: false }[given.toLowerCase()] ?? given;
}
