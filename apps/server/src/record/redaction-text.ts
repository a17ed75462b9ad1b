import { redacted } from "@daybook/contract";
import { redactAssignments, redactFlags } from "./redaction-assignments.ts";
import { redactCards } from "./redaction-cards.ts";
import type { NameVerdict } from "./redaction-names.ts";

/** What the rules for text need to know: what names are secret, and where findings are counted. */
export interface TextRun {
  judge(name: string): NameVerdict | undefined;
  count(rule: string): void;
}

/**
 * Keys that providers mark by a prefix. Each is bounded at its front, so that a long text of prefixes is read once.
 * Public ones (pk_live_, certificates) are not among them.
 */
const providerKeys = [
  "(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}", // AWS access key ids
  "gh[pousr]_[A-Za-z0-9]{16,255}|github_pat_\\w{20,255}", // GitHub
  "gl(?:pat|dt|rt|cbt|ptt|ft|soat|imt|agent)-[\\w-]{16,255}", // GitLab
  "[rs]k_(?:live|test)_[A-Za-z0-9]{8,255}|whsec_[\\w+/=-]{16,255}", // Stripe
  "sk-[A-Za-z0-9][\\w-]{18,255}",
  "dbk_[\\w-]{16,255}", // Daybook
  "pt(?:la|lc)_[A-Za-z0-9]{16,255}|p(?:app|acc)_[A-Za-z0-9]{16,255}", // Pterodactyl, Pelican
  "xox[abceoprs]-[\\w-]{10,255}|xapp-[\\w-]{10,255}", // Slack
  "AIza[\\w-]{35}|ya29\\.[\\w-]{20,2048}|GOCSPX-[\\w-]{20,64}", // Google
  "SG\\.[\\w-]{16,64}\\.[\\w-]{16,64}|key-[0-9a-f]{32}", // SendGrid, Mailgun
  "npm_[A-Za-z0-9]{36}|pypi-[\\w-]{50,512}|dckr_pat_[\\w-]{20,64}|rubygems_[0-9a-f]{40,64}",
  "do[opr]_v1_[0-9a-f]{32,64}|hf_[A-Za-z0-9]{30,64}|shp(?:at|ss|ca|pa)_[0-9a-fA-F]{32}|sq0(?:csp|atp)-[\\w-]{20,64}",
  "hv[sbr]\\.[\\w-]{20,512}|tskey-[\\w-]{16,128}|sntry[su]_[\\w+/=-]{20,512}|PMAK-[\\w-]{20,128}|lin_api_\\w{30,64}",
  "AGE-SECRET-KEY-1[0-9A-Z]{58}",
];
const providerKey = new RegExp(
  `(?<![A-Za-z0-9_-])(?:${providerKeys.join("|")}|\\d{8,10}:AA[\\w-]{33})(?![A-Za-z0-9])`,
  "g",
);

/**
 * Whether a text could hold a secret. It is asked of every string of every event, so it has to be cheap: three looks for rare
 * characters, each a third of what one for everything costs. It says yes too often (any "="), never no to what a rule finds.
 */
function isSuspicious(text: string): boolean {
  if (rareSeparator.test(text) && assignment.test(text)) return true;
  return text.length >= KEY_LENGTH_MIN && (keyMark.test(text) || longDigits.test(text));
}

const rareSeparator = /[=:$]|--|eyJ/;
const assignment =
  /=|["'`A-Za-z\])}\\_][\s"'`\\]{0,8}:(?!\/\/)|\d["'`\\]{1,8}\s?:|:\/\/[^\s/@]*@|:\/\/[^\s]{0,512}@|--[A-Za-z]|-----BEGIN|eyJ|\$(?:2[abxy]?|[156y]|argon2)/;
const longDigits = /\d{4}(?:[ \u00a0-]?\d){9}/;
/** Found by the mark behind a provider's prefix: a text has few of them, and many letters to begin a prefix with. */
const keyMark = new RegExp(
  [
    "_(?<=(?:gh[pousr]|github_pat|live|test|whsec|dbk|pt[lc][ac]|papp|pacc|npm|_pat|rubygems|_v1|hf|shpat|shpss|shpca|shppa|sntry[su]|_api)_)[\\w+/=-]{8}",
    "-(?<=(?:sk|key|xox[a-z]|xapp|gl[a-z]{2,5}|GOCSPX|pypi|sq0csp|sq0atp|tskey|PMAK|SECRET-KEY)-)[\\w-]{8}",
    "A(?:KIA|SIA|BIA|CCA)[A-Z0-9]|AIza|:AA|\\.(?<=(?:SG|ya29|hv[sbr])\\.)[\\w-]{10}",
    "[Bb](?:earer|EARER|asic|ASIC)[ \\t]|webhooks/|hooks\\.slack",
  ].join("|"),
);

const privateKey =
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----|$)/g;
const jsonWebToken = /(?<![\w-])eyJ[\w-]{8,}(?:\.[\w-]*){1,4}/g;
const bearer = /(?<![A-Za-z])(Bearer[ \t]{1,8})([\w.~+/=-]{6,})/gi;
const basic = /(?<![A-Za-z])(Basic[ \t]{1,8})([A-Za-z0-9+/]{6,}={0,2})/gi;
const passwordHash = /\$(?:2[abxy]?|[156y]|argon2(?:id|i|d))\$[\w./$=,+-]{16,}/g;
const hookAddress =
  /(hooks\.slack\.com\/(?:services|workflows)\/|discord(?:app)?\.com\/api\/webhooks\/\d{1,20}\/)[\w/-]{10,200}/g;

/** After "Bearer" in prose: no token. */
const bearerWords =
  /^(?:auth|authentication|authorization|tokens?|scheme|header|realm|error|required|missing|invalid|expired|format|method|type|credentials?|was|is|not|and|or|of|for|with|in)$/i;

/** Strings shorter than this hold nothing ("pin=1" is the shortest). */
const TEXT_LENGTH_MIN = 5;

/** The shortest key, token or card number. */
const KEY_LENGTH_MIN = 12;

/** The text without its secrets; the same text when it holds none. Linear in its length. */
export function redactText(text: string, run: TextRun): string {
  if (text.length < TEXT_LENGTH_MIN || !isSuspicious(text)) return text;
  let clean = text;
  const replace = (pattern: RegExp, rule: string, by: string) => {
    clean = clean.replace(pattern, (...match: unknown[]) => {
      const kept = typeof match[1] === "string" ? match[1] : "";
      run.count(rule);
      return by === redacted ? kept + redacted : by;
    });
  };
  if (clean.includes("-----BEGIN")) replace(privateKey, "private_key", redacted);
  if (clean.includes("eyJ")) replace(jsonWebToken, "jwt", redacted);
  if (clean.includes("://")) clean = redactUserinfo(clean, run);
  replace(providerKey, "provider_key", redacted);
  if (clean.includes("hooks")) replace(hookAddress, "provider_key", redacted);
  if (clean.includes("$")) replace(passwordHash, "password_hash", redacted);
  clean = redactSchemes(clean, run);
  clean = redactAssignments(clean, run);
  if (clean.includes("--")) clean = redactFlags(clean, run);
  return /\d{4}/.test(clean) ? redactCards(clean, redacted, () => run.count("card_number")) : clean;
}

/** What follows "Bearer" or "Basic" in a header or a sentence. */
function redactSchemes(text: string, run: TextRun): string {
  if (!/bearer|basic/i.test(text)) return text;
  const clean = text.replace(bearer, (whole, scheme: string, token: string) => {
    if (bearerWords.test(token)) return whole;
    run.count("bearer");
    return scheme + redacted;
  });
  return clean.replace(basic, (whole, scheme: string, token: string) => {
    if (!/^[\x20-\x7e\u0080-\u00ff]*:[\x20-\x7e\u0080-\u00ff]*$/.test(Buffer.from(token, "base64").toString("latin1")))
      return whole;
    run.count("authorization");
    return scheme + redacted;
  });
}

/** `scheme://user:pass@host`; the name stays, the password goes. */
function redactUserinfo(text: string, run: TextRun): string {
  const plain = /(:\/\/[^\s/:@?#"'<>\\]*:)([^\s/?#"'<>\\]+)@/g;
  // A password with a slash in it: not a port and a path with an @ further on.
  const slashed = /(:\/\/[^\s/:@?#"'<>\\]{0,128}:)(?!\d{1,5}(?:[/?#\s]|$))([^\s"'<>\\@]{1,128})@/g;
  let clean = text;
  for (const pattern of [plain, slashed]) {
    clean = clean.replace(pattern, (whole, before: string, password: string) => {
      if (password === redacted) return whole;
      run.count("url_password");
      return `${before}${redacted}@`;
    });
  }
  return clean;
}
