import { actorTypes, authMethods, kinds, outcomes, severities } from "@daybook/contract";
import fc from "fast-check";

/** Generated query texts for property tests. Words are drawn from few, so that queries meet the events of the tests. */

export const sampleWords = [
  "dana",
  "Lee",
  "mc-01",
  "srv",
  "İstanbul",
  "ΣΑΣ",
  "straße",
  "a b",
  "50%",
  "x_y",
  'say "hi"',
  "C:\\",
  "日本",
  "42",
  "77",
];
export const samplePaths = ["reason", "a.b", "list", "items.sku", "Ünï", "odd key"];
export const sampleAddresses = ["203.0.113.9", "203.0.113.77", "198.51.100.1", "2001:db8::1", "2001:db8:0:1::9"];

const word = fc.constantFrom(...sampleWords);
const quoted = word.map((text) => `"${text.replace(/["\\]/g, "\\$&")}"`);
const plain = fc.constantFrom(
  "dana",
  "Lee",
  "DANA",
  "mc-01",
  "srv",
  "straße",
  "ΣΑΣ",
  "42",
  "77",
  "an",
  "a",
  "hi",
  "%",
  "_",
  "3",
  "\\",
);
const star = fc.constant("*");
const single = fc.oneof(plain, quoted);
const mixed = fc
  .array(fc.oneof({ weight: 3, arbitrary: plain }, quoted, star), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join(""));
const pattern = fc.oneof(
  { weight: 6, arbitrary: single },
  { weight: 2, arbitrary: single.map((text) => `${text}*`) },
  { weight: 2, arbitrary: single.map((text) => `*${text}`) },
  { weight: 1, arbitrary: fc.tuple(single, single).map(([first, last]) => `*${first}*${last}*`) },
  { weight: 1, arbitrary: mixed },
);
const list = (value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.array(value, { minLength: 1, maxLength: 3 }).map((values) => values.join(","));

const typed = fc.tuple(fc.constantFrom(...actorTypes, "server", "mc/x"), pattern).map(([type, id]) => `${type}/${id}`);
const who = list(fc.oneof(pattern, typed, fc.constantFrom(...actorTypes)));
const address = fc.oneof(
  fc.constantFrom(
    ...sampleAddresses,
    "203.0.113.0/24",
    "203.0.0.0/12",
    "0.0.0.0/0",
    "198.51.100.0/31",
    "::ffff:203.0.113.9",
  ),
  fc.constantFrom(
    "2001:db8::/32",
    "2001:db8::/64",
    "2001:db8:0:1::/63",
    "203.0.*",
    "203.0.113.*",
    "*.9",
    "2001:*",
    "*",
  ),
);
const day = fc.constantFrom(
  "2026-11-18",
  "2026-11-19",
  "2026-11-20",
  "2026-11",
  "2025",
  "2026-11-19T12:00",
  "2026-11-19T12:00:00.250+02:00",
);
const period = fc.oneof(
  day,
  fc
    .constantFrom("2026-11-18..2026-11-19", "2026-11-19..", "..2026-11-18", "2026-11-19T06..2026-11-20")
    .map((text) => text.replace("T06", "T06:00")),
);
const comparison = fc.constantFrom(":", "=", ">=", ">", "<=", "<");

const term = fc.oneof(
  { weight: 4, arbitrary: fc.oneof(plain, quoted, pattern) },
  who.map((value) => `actor:${value}`),
  who.map((value) => `target:${value}`),
  who.map((value) => `behalf:${value}`),
  who.map((value) => `party:${value}`),
  list(fc.constantFrom("server.start", "server.*", "server.power.*", "*.login", "auth.login", "SERVER.START", "*")).map(
    (value) => `action:${value}`,
  ),
  fc
    .tuple(
      fc.constantFrom(
        "owner",
        "project",
        "session",
        "request",
        "field",
        "reason",
        "network",
        "browser",
        "os",
        "category",
      ),
      list(pattern),
    )
    .map(([key, value]) => `${key}:${value}`),
  list(address).map((value) => `ip:${value}`),
  list(fc.constantFrom("DE", "nl", "*")).map((value) => `country:${value}`),
  list(fc.constantFrom("24940", "AS15169", "*")).map((value) => `asn:${value}`),
  list(fc.constantFrom(...outcomes, "*", "f*")).map((value) => `outcome:${value}`),
  list(fc.constantFrom(...kinds, "*s*")).map((value) => `kind:${value}`),
  list(fc.constantFrom(...authMethods, "*", "*s*")).map((value) => `auth:${value}`),
  fc.tuple(comparison, fc.constantFrom(...severities)).map(([sign, value]) => `severity${sign}${value}`),
  fc
    .tuple(fc.constantFrom(...samplePaths), list(fc.oneof(pattern, fc.constantFrom("true", "null", "1.5", '""'))))
    .map(([path, value]) => `details.${/ /.test(path) ? `"${path}"` : path}:${value}`),
  list(period).map((value) => `created:${value}`),
  fc.tuple(comparison, day).map(([sign, value]) => `created${sign}${value}`),
  fc.tuple(comparison, fc.integer({ min: 0, max: 60 })).map(([sign, value]) => `seq${sign}${value}`),
  fc.constantFrom("seq:10..20", "seq:30..", "seq:..5,40..45"),
);

const signed = fc
  .tuple(fc.boolean(), fc.boolean(), term)
  .map(([first, second, text]) => `${first && second ? "-" : ""}${text}`);

export const queryTexts: fc.Arbitrary<string> = fc
  .array(signed, { minLength: 0, maxLength: 4 })
  .map((terms) => terms.join(" "));
