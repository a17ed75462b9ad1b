import type { Json } from "@daybook/contract";
import { readable } from "./masking-views.ts";

/** What a mail says, as far as secrets are looked for in it. */
export interface SaidParts {
  subject: string;
  html?: string | undefined;
  text?: string | undefined;
  variables?: Json | undefined;
  headers?: readonly (readonly [string, string])[] | undefined;
}

const scheme = /[a-z][a-z0-9+.-]{1,20}$/i;
const afterScheme = /:\/\/[^\s"'<>`\\^{|}\u00a0]{4,2000}/y;

/** Words in a link that say that it lets somebody in, or decides something, once. */
const oneTimeWord =
  /(?:^|[^a-z])(?:reset|resets|password|passwords|passwd|passwordless|pwreset|forgot|forgotten|verify|verification|verifications|confirm|confirmation|activate|activation|invite|invites|invitation|invitations|accept|join|magic|magiclink|one-?time|otp|unlock|recover|recovery|validate|validation|signin|sign-?in|login|log-?in|auth|sso|claim|approve|set-?up|onboarding|einladung|bestaetigen|passwort)(?![a-z])/i;

/** Members of a link's query that hold a secret by their name. */
const secretName =
  /^(?:token|code|key|hash|sig|signature|otp|secret|nonce|ticket|jwt|auth|magic|hmac|oobcode|confirmation_?code|verification_?code|(?:access|reset|password|pw|auth|login|invite|invitation|verify|verification|confirm|confirmation|activation|activate|magic|one_?time|signup|email)[_-]?(?:token|code|key|hash))$/i;

/** A look that is cheap: a link without any of these is for everybody. */
const mayBeOnce = new RegExp(
  `${oneTimeWord.source}|[?&#;](?:token|code|key|hash|sig|signature|otp|secret|nonce|ticket|jwt|hmac|\\w*(?:token|code|key|hash))=`,
  "i",
);

/** Leaving a list is no way in. */
const harmlessLink = /unsubscribe|\/preferences?\b|list-manage/i;

/** "Your code is 123456", also with the code on a line of its own; not "postal code", "error code". */
const codeWord =
  "(?<!(?:postal|post|zip|area|country|promo|promotion|promotional|coupon|discount|voucher|gift|error|status|exit|response|reply|product|item|tax|vat|bar|qr|source|sort|swift|bank|dial|colou?r|http|order|tracking|reference)[ -]?)" +
  "(?:codes?|c[oó]digo|codice|pin|otp|tan|passcode|one-time password|einmalpasswort|best[aä]tigungscode|sicherheitscode|verifizierungscode|anmeldecode)";
const code =
  "(\\d{4,10}|\\d{3}[ -]\\d{3,4}|\\d{2}[ -]\\d{2}[ -]\\d{2}|(?=[A-Z-]{0,11}\\d)[A-Z0-9]{3,6}-?[A-Z0-9]{2,6})";
const codeAfter = new RegExp(
  `(?<![\\p{L}\\d])${codeWord}(?![\\p{L}\\d])[^\\d\\n]{0,60}?\\s{0,40}(?<![\\p{L}\\d.,/#-])${code}(?![\\p{L}\\d]|[.,/]\\d)`,
  "giu",
);
const codeBefore = new RegExp(
  `(?<![\\p{L}\\d.,/#-])${code}(?![\\p{L}\\d])[ ,:]{1,3}(?:is|ist|est|es|is your|as)[^\\d\\n]{0,40}?${codeWord}(?![\\p{L}\\d])`,
  "giu",
);

/** "Password: hunter2", also in two cells of a table. */
const password =
  /(?<![\p{L}\d])(?:(?:root|admin|login|initial|temporary|new|ftp|ssh|vnc|database|user)[ -]?)?(?:password|passwort|kennwort|passphrase|contraseña|mot de passe|wachtwoord|senha)\s{0,40}[:=]\s{0,40}([^\s<>]{4,200})/giu;

/** A look that is cheap: whether any of their words is there. */
const mayHoldCode =
  /code|c(?:o|ó)di[gc]|\b(?:pin|otp|tan)\b|passwor[dt]|passphrase|kennwort|contraseña|mot de passe|wachtwoord|senha/i;

/** Looked at of each part: a mail that is longer than this holds its link before. */
const LOOKED_AT = 300_000;

/**
 * The one-time links and codes, and the passwords, that can be told from how a mail reads: links that reset, verify, confirm, invite or sign
 * in, with the tokens in them, and "your code is 123456". No list of such words is complete: templates mark their secret tokens, and callers
 * name theirs in `secrets`.
 */
export function oneTimeSecrets(parts: SaidParts): Set<string> {
  const found = new Set<string>();
  const texts = [parts.subject, parts.text ?? "", ...strings(parts.variables)];
  for (const [, value] of parts.headers ?? []) texts.push(value);
  const html = (parts.html ?? "").slice(0, LOOKED_AT);
  const links = new Set<string>();
  for (const text of [...texts, html.replaceAll("&amp;", "&").replace(/&#(?:x26|38);/gi, "&")])
    addLinks(text.slice(0, LOOKED_AT), links);
  for (const address of links) readLink(address, found);
  for (const text of [parts.subject, parts.text ?? ""]) addCodes(text.slice(0, LOOKED_AT), found);
  if (mayHoldCode.test(html)) addCodes(readable(html), found);
  return found;
}

/** Looked for at `://`, which is rare, and not at every letter that could begin a link. */
function addLinks(text: string, links: Set<string>): void {
  for (let at = text.indexOf("://"); at !== -1; at = text.indexOf("://", at + 3)) {
    const before = scheme.exec(text.slice(Math.max(0, at - 21), at));
    afterScheme.lastIndex = at;
    const after = before === null ? null : afterScheme.exec(text);
    if (before === null || after === null) continue;
    links.add(before[0] + after[0]);
    // A link in its query is read with it.
    at += after[0].length - 3;
  }
}

function addCodes(text: string, found: Set<string>): void {
  if (!mayHoldCode.test(text)) return;
  for (const pattern of [codeAfter, codeBefore])
    for (const match of text.matchAll(pattern)) found.add(match[1] as string);
  for (const [, value = ""] of text.matchAll(password)) if (looksLikePassword(value)) found.add(value);
}

/** Adds a link that is good once, and what in it is the secret. */
function readLink(given: string, found: Set<string>): void {
  const address = given.replace(/[.,;:!?)\]]+$/, "");
  if (!mayBeOnce.test(address) || harmlessLink.test(address)) return;
  const split = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/i.exec(address);
  if (split === null) return;
  const [, host = "", path = "", query = "", fragment = ""] = split;
  const segments = path
    .split("/")
    .map(decoded)
    .filter((segment) => segment !== "");
  const members = `${query}&${fragment.replace(/^[^?]*\?/, "")}`.split(/[&;]/).flatMap((member) => {
    const at = member.indexOf("=");
    return at === -1 ? [] : [{ name: decoded(member.slice(0, at)), value: decoded(member.slice(at + 1)) }];
  });
  const tokens = members
    .filter(({ name, value }) => secretName.test(name) && value.length >= 4)
    .map(({ value }) => value);
  for (const token of tokens) if (token.length >= 6) found.add(token);
  const routes = members.filter(({ value }) => value.includes("/")).flatMap(({ value }) => value.split("/"));
  const says = oneTimeWord.test(`${host.split(".")[0]}/${segments.join("/")}?${query} ${fragment}`);
  if (says) {
    const others = [...segments, ...routes, ...members.map(({ value }) => value), ...fragment.split("/").map(decoded)];
    tokens.push(...others.filter(isToken));
    // A code as the last part of the path: /verify/483920.
    const last = segments.at(-1) ?? "";
    if (tokens.length === 0 && /^\d{4,8}$/.test(last)) tokens.push(last);
  }
  if (tokens.length === 0) return;
  found.add(address);
  // Shorter parts of it may be names, which stand elsewhere in the mail too. A link may be in another one's query: ?next=https://…
  for (const { value } of members) if (value.includes("://")) readLink(value, found);
  for (const token of tokens) if (token.length >= 20) found.add(token);
}

/** Made by a machine, for one use: long, and no words. */
function isToken(text: string): boolean {
  if (text.length < 8 || text.includes("@") || !/^[\w.~+/=:-]+$/.test(text) || text.includes("://")) return false;
  if (/^\d+$/.test(text)) return false;
  if (/^\d{4}-\d\d-\d\d/.test(text)) return false;
  return /\d/.test(text) || (text.length >= 20 && !/[-_.]/.test(text)) || /[a-z][A-Z]+[a-z]/.test(text);
}

/** What stands after "Password:" and is no word of a sentence. */
const looksLikePassword = (text: string): boolean =>
  !/^https?:/i.test(text) &&
  !text.includes("[redacted]") &&
  (/\d/.test(text) || /[^\p{L}.,;:!?]/u.test(text) || /\p{Ll}\p{Lu}/u.test(text));

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

/** Every string in a JSON value. */
function strings(value: Json | undefined): string[] {
  if (typeof value === "string") return [value];
  if (value === undefined || value === null || typeof value !== "object") return [];
  return Object.values(value).flatMap(strings);
}
