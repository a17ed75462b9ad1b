import { encode } from "node:querystring";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hiddenIn, Masking, masked } from "./masking.ts";

const link = "https://panel.host.example/reset?token=Zk3v-9_Qx&email=dana@acme.example";

const html = (text: string): string =>
  text.replace(
    /[&<>"']/g,
    (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[sign] ?? sign,
  );

const numeric = (text: string): string => [...text].map((char) => `&#x${char.codePointAt(0)?.toString(16)};`).join("");

const percent = (text: string): string => encodeURIComponent(text.toWellFormed());

const percentAll = (text: string): string =>
  [...Buffer.from(text.toWellFormed())].map((byte) => `%${byte.toString(16).padStart(2, "0").toUpperCase()}`).join("");

/** As RFC 2045, 6.7 has it: bytes beyond ASCII and "=" are escaped, lines are at most 76 long. */
function quotedPrintable(text: string): string {
  const escaped = [...Buffer.from(text.toWellFormed())].map((byte) =>
    byte === 61 || byte > 126 || (byte < 32 && byte !== 10)
      ? `=${byte.toString(16).toUpperCase().padStart(2, "0")}`
      : String.fromCharCode(byte),
  );
  const lines = [""];
  for (const piece of escaped) {
    if ((lines.at(-1) as string).length + piece.length > 75) lines.push("");
    lines[lines.length - 1] += piece;
  }
  return lines.join("=\r\n");
}

const secrets = fc
  .string({ unit: "grapheme-ascii", minLength: 8, maxLength: 60 })
  .filter((text) => text.trim() === text && !/[\s[\]]/.test(text) && /[a-z0-9]{3}/i.test(text))
  .filter((text) => new URLSearchParams(encode({ text })).get("text") === text);

/** Without what could join a secret before or after it. */
const around = fc
  .string({ unit: "grapheme", maxLength: 40 })
  .map((text) => text.replace(/[\p{L}\p{N}%&=;#<>+]/gu, "-"));

describe("a secret is masked", () => {
  const forms: [string, (text: string) => string][] = [
    ["as it is", (text) => text],
    ["in HTML", html],
    ["as numbers of HTML", numeric],
    ["in an address", percent],
    ["in an address, letter by letter", percentAll],
    ["in an address in an address", (text) => percent(percent(text))],
    ["in an address in HTML", (text) => html(`https://a.example/?x=${percent(text)}&y=1`)],
    ["as quoted-printable", quotedPrintable],
    ["as quoted-printable of HTML", (text) => quotedPrintable(html(text))],
    ["as quoted-printable of an address in HTML", (text) => quotedPrintable(html(`?a=1&b=${percent(text)}`))],
    ["in capitals", (text) => text.toUpperCase()],
  ];
  test.each(forms)("%s", (_, form) => {
    fc.assert(
      fc.property(secrets, around, around, (secret, before, after) => {
        const text = `${before} ${form(secret)} ${after}`;
        const clean = new Masking([secret]).text(text);
        expect(clean).toContain(masked);
        expect(clean.toLowerCase()).not.toContain(form(secret).toLowerCase());
        expect(clean.toLowerCase()).not.toContain(secret.toLowerCase());
      }),
      { numRuns: 150 },
    );
  });

  test.each(forms.slice(0, -1))("beyond ASCII: %s", (_, form) => {
    const some = fc
      .string({ unit: "grapheme", minLength: 8, maxLength: 20 })
      .map((text) => text.replace(/[\s[\]\p{Cf}]|\p{Zs}/gu, "-").toWellFormed());
    fc.assert(
      fc.property(some, (secret) => {
        expect(new Masking([secret]).text(`(${form(secret)})`)).toContain(masked);
      }),
      { numRuns: 100 },
    );
  });

  test("with tags and invisible breaks in between", () => {
    const masking = new Masking(["Zk3v9QxAbc"]);
    const text = "<b>Zk3v</b><wbr><i>9Qx</i>\u200bAbc and no more";
    expect(masking.text(text)).toBe(`<b>${masked}</b><wbr><i></i>\u200b and no more`);
    expect(masking.places).toBe(1);
  });

  test("across a line break, if it has spaces", () => {
    expect(new Masking(["blue fox hill"]).text("say blue\r\n  fox&nbsp;hill now")).toBe(`say ${masked} now`);
  });

  test("as a code in groups and in boxes", () => {
    const masking = new Masking(["483920"]);
    expect(masking.text("Your code: 483 920.")).toBe(`Your code: ${masked}.`);
    expect(masking.text("<td>4</td><td>8</td><td>3</td><td>9</td><td>2</td><td>0</td>")).not.toMatch(/\d/);
    expect(masking.text("4839201 or 1483920")).toBe("4839201 or 1483920");
  });

  test("whole, where one secret lies in another", () => {
    const masking = new Masking(["Zk3v-9_Qx", link]);
    expect(masking.text(`<a href="${html(link)}">go</a>, or type Zk3v-9_Qx`)).toBe(
      `<a href="${masked}">go</a>, or type ${masked}`,
    );
  });

  test("in names and values of JSON, and as a number", () => {
    const masking = new Masking(["483920", "Zk3v-9_Qx"]);
    expect(masking.json({ code: 483920, "Zk3v-9_Qx": ["a", { b: "is Zk3v-9_Qx." }], n: 7, none: null })).toEqual({
      ...{ code: masked, [masked]: ["a", { b: `is ${masked}.` }], n: 7, none: null },
    });
  });
});

test("a text without secrets stays the same text", () => {
  fc.assert(
    fc.property(fc.array(secrets, { maxLength: 3 }), fc.string({ unit: "grapheme" }), (some, text) => {
      fc.pre(some.every((secret) => !text.toLowerCase().includes(secret.toLowerCase())));
      const plain = text.replace(/[%&=<+]|\p{Cf}/gu, "");
      expect(new Masking(some).text(plain)).toBe(plain);
    }),
  );
});

test("short secrets are masked where they stand alone, and words around them stay", () => {
  expect(new Masking(["bee"]).text("a bee, beer and frisbee")).toBe(`a ${masked}, beer and frisbee`);
});

test("nothing is masked without secrets, and empty ones are none", () => {
  expect(new Masking(["", " "]).text("a & b =20 %41")).toBe("a & b =20 %41");
});

test("what is masked can be told from the whole text", () => {
  const whole = "Hello\r\n your code 483920 and link\r\nx?y";
  expect(hiddenIn("Hello\n your code [masked] and [redacted]\nx?y", whole)).toEqual(["483920", "link"]);
  expect(hiddenIn(whole, whole)).toEqual([]);
  expect(hiddenIn("Goodbye [masked]", whole)).toBeUndefined();
});
