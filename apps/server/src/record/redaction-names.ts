/** What a field's name says: the rule it falls under, and whether an object there is looked through or redacted whole. */
export interface NameVerdict {
  rule: string;
  /** An object under this name tells harmless things too (a card's brand, a token's id): only the rest is redacted. */
  telling: boolean;
}

/** Words that make a name secret when they end it, or when what follows them does not make it harmless. */
const secretWords: Record<string, string> = {
  password:
    "password passwords passwd passwds pwd pswd pass passphrase passphrases passcode passcodes pw htpasswd userpass",
  secret: "secret secrets psk mnemonic",
  token: "token tokens jwt bearer csrf xsrf",
  authorization: "authorization",
  cookie: "cookie cookies phpsessid jsessionid",
  credential: "credential credentials creds kubeconfig",
  card: "cvv cvc csc",
  pin: "pin",
  otp: "otp totp hotp",
};

/** Words in front of "key" that make it a secret one; a public key, a host key, a sort key is none. */
const secretKeys = new Set(
  "api private secret access auth encryption decryption signing master shared preshared session service account storage webhook app application root wpa wep recovery hmac client unseal symmetric aes stream license licence".split(
    " ",
  ),
);

/** Words in front of "code" that make it a secret one; a country code, an error code, a voucher code is none. */
const secretCodes = new Set(
  "mfa fa factor verification security recovery backup sms auth authentication authorization confirmation login scratch reset card otp totp pin".split(
    " ",
  ),
);

/** In front of "token": where a list goes on, not what opens a door. */
const pageWords = new Set(["next", "page", "continuation", "pagination", "idempotency"]);

/** What may follow a secret word without being secret itself: tokenCount, passwordChangedAt, cardBrand, secretName. */
const harmless = new Set(
  (
    "id ids uuid name names username user email type kind class count counts total length size bytes at date time timestamp day days hours minutes seconds " +
    "expires expiry expiration expired expiring exp month year ttl age brand last last4 issuer country funding network status state enabled disabled " +
    "required policy strength set changed updated created rotated used revoked issued valid verified confirmed present exists missing prefix suffix " +
    "scope scopes label description title method provider engine manager version index limit limits usage quota endpoint format field fields holder " +
    "owner algorithm alg fingerprint arn path domain consent banner rotation attempts attempt failures decision reason result message error errors " +
    "mode source location region bits checked visible hidden max min rate"
  ).split(" "),
);

/** Parts of a card that are secret. */
const cardParts = new Set("number no num nr pan data track token secret pin code csc cvc cvv value".split(" "));

/** What may follow a short secret word: pinHash, pwd_new, otpSecret. */
const secretTails = new Set(
  "hash salt value new old current confirm confirmation repeat again plain text string encrypted data".split(" "),
);

/** Cards that nobody pays with. */
const otherCards = new Set(
  "sim dashboard graphics network video gpu memory sd sound report score business id key nic vga time dash post info feature server ui status metric stat".split(
    " ",
  ),
);

/** Ends of names written in one: "dbpassword", "clientsecret". */
const gluedEnd =
  /^.+?(?:(password|passwd|passphrase|passcode)|(secret)|(token|tokens)|(apikey|apikeys)|(privatekey)|(secretkey|accesskey|authkey|signingkey|encryptionkey|masterkey|sharedkey)|(cookie|cookies)|(credentials))$/;
const gluedRules = ["password", "secret", "token", "api_key", "private_key", "key", "cookie", "credential"];
const gluedWhole =
  /^(?:(apikeys?)|(privatekey)|(secretkey|accesskey|authkey|signingkey|encryptionkey|masterkey|sharedkey|presharedkey))/;
const gluedStart =
  /^(password|passwd|secret|token|apikey|privatekey)(?:hash|confirm|confirmation|again|repeat|value|new|old|current|plain|plaintext|encrypted|enc|key|salt|string|data|text|raw|base64)$/;

const gluedCard = /^(?:(?:credit|debit|bank)?card|cc)(?:number|num|no|cvc|cvv|csc|code|pin)$/;
const gluedCode = /^(?:pin|otp|totp|mfa|security|verification|recovery|backup|twofactor)codes?$/;

const telling = new Set(["card", "token", "api_key", "key", "private_key", "credential", "custom"]);
const rules = new Map(
  Object.entries(secretWords).flatMap(([rule, words]) => words.split(" ").map((word) => [word, rule])),
);

/** The words of a name in any style: `dbPassword`, `DB_PASSWORD`, `db-password`, `user[password]`. */
export function wordsOf(name: string): string[] {
  return name
    .normalize("NFKC")
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .replace(/([A-Za-z])(\d)/g, "$1 $2")
    .replace(/(\d)([A-Za-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
}

/** The verdict on a name by its words; undefined when what it names is no secret. */
export function judgeName(words: readonly string[]): NameVerdict | undefined {
  const rule = ruleOf(words) ?? (words.length > 1 ? oddlySpelt(words.join("")) : undefined);
  return rule === undefined ? undefined : { rule, telling: telling.has(rule) };
}

/** Inside an object that holds a secret, a member with this name tells nothing secret. */
export function isHarmless(words: readonly string[]): boolean {
  const last = lastWord(words);
  return last !== undefined && harmless.has(last);
}

/** Numbers at the end count copies ("password2"), except in "last 4". */
function lastWord(words: readonly string[]): string | undefined {
  let at = words.length - 1;
  while (at > 0 && /^\d+$/.test(words[at] ?? "")) at--;
  return words[at];
}

function ruleOf(words: readonly string[]): string | undefined {
  for (let at = words.length - 1; at >= 0; at--) {
    const rule = ruleAt(words, at);
    if (rule === undefined) continue;
    if (at === words.length - 1) return rule;
    const last = lastWord(words.slice(at + 1)) ?? "";
    if (/^\d+$/.test(last)) return rule;
    if (rule === "card" && words[at] === "card") return cardParts.has(last) ? rule : undefined;
    // Short words turn up in ids by chance ("4PbCZy4PWKz"): they need a tail that fits.
    if ((words[at] ?? "").length <= 4) return secretTails.has(last) ? rule : undefined;
    return harmless.has(last) ? undefined : rule;
  }
  return undefined;
}

/** The rule of the word at this place, with the word before it where that decides. */
function ruleAt(words: readonly string[], at: number): string | undefined {
  const word = words[at] ?? "";
  const before = words[at - 1] ?? "";
  const plain = rules.get(word);
  if (plain !== undefined) return plain === "token" && pageWords.has(before) ? undefined : plain;
  if (word === "key" || word === "keys") return keyRule(before);
  if (word === "code" || word === "codes") return codeRule(before);
  if (word === "card") return otherCards.has(before) ? undefined : "card";
  if (word === "number" || word === "no" || word === "num") return before === "cc" ? "card" : undefined;
  if (word === "pan") return words.length === 1 || before === "card" ? "card" : undefined;
  if (word === "answer") return before === "security" ? "secret" : undefined;
  if (word === "string") return before === "community" ? "secret" : undefined;
  if (word === "community") return before === "snmp" ? "secret" : undefined;
  if (word === "link" || word === "url")
    return before === "reset" || before === "magic" || before === "activation" ? "token" : undefined;
  return glued(word);
}

function keyRule(before: string): string | undefined {
  if (before === "api") return "api_key";
  if (before === "private") return "private_key";
  return secretKeys.has(before) ? "key" : undefined;
}

function codeRule(before: string): string | undefined {
  if (before === "card") return "card";
  if (before === "authorization") return "authorization";
  return secretCodes.has(before) ? "otp" : undefined;
}

function glued(word: string): string | undefined {
  const end = gluedEnd.exec(word);
  if (end) return gluedRules[end.slice(1).findIndex((part) => part !== undefined)];
  const whole = gluedWhole.exec(word);
  if (whole && whole[0].length === word.length) return whole[1] ? "api_key" : whole[2] ? "private_key" : "key";
  if (gluedCard.test(word)) return "card";
  if (gluedCode.test(word)) return "otp";
  const start = gluedStart.exec(word)?.[1];
  if (start === undefined) return undefined;
  return start === "apikey"
    ? "api_key"
    : start === "privatekey"
      ? "private_key"
      : start.startsWith("passw")
        ? "password"
        : start;
}

/** "passWord", "PaSsWoRd", "api-Key", "pass_word": the words say nothing, their letters do. */
function oddlySpelt(letters: string): string | undefined {
  const rule = letters.length > 3 ? rules.get(letters) : undefined;
  if (rule !== undefined) return rule;
  if (/(?:password|passwd|passphrase|apikey|privatekey|secretkey)$/.test(letters)) return glued(letters);
  return undefined;
}
