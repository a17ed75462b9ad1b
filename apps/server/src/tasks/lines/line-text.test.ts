import { redacted } from "@daybook/contract";
import { expect, test } from "vitest";
import { defaultRedactionRules } from "../../record/redaction.ts";
import { LineCleaner, overColours, plainText, splitLines } from "./line-text.ts";

const ESC = "\u001b";
const red = (text: string): string => `${ESC}[31m${text}${ESC}[0m`;

function cleaned(...lines: string[]): string[] {
  const cleaner = new LineCleaner(defaultRedactionRules, false);
  return lines.map((line) => cleaner.clean(line));
}

test("line breaks make several lines, and the last of them none", () => {
  expect(splitLines("a\nb\r\nc\n")).toEqual(["a", "b", "c"]);
  expect(splitLines("a\n\nb")).toEqual(["a", "", "b"]);
  expect(splitLines("")).toEqual([""]);
});

test("what a carriage return overwrote is left out", () => {
  expect(splitLines(" 10 %\r 50 %\r100 %\ndone")).toEqual(["100 %", "done"]);
});

test("colours stay; titles, links, cursor moves, bells and NUL go", () => {
  const text = `${ESC}]0;title\u0007${red("failed")}${ESC}[2K${ESC}[1A\u0000\u0007 ${ESC}]8;;https://x.example/?token=abc${ESC}\\log${ESC}]8;;${ESC}\\`;
  expect(splitLines(text)).toEqual([`${red("failed")} log`]);
  expect(splitLines(`a\u009b31mb${ESC}Pq#0${ESC}\\c${ESC}]52;c;ZXZpbA==`)).toEqual(["abc"]);
});

test("secrets are redacted, also when a colour stands in their middle", () => {
  const key = "ghp_abcdefghijklmnopqrstuvwxyz0123456789";
  expect(cleaned(`using ${key}`)).toEqual([`using ${redacted}`]);
  const split = `using ghp_abcdefgh${ESC}[1mijklmnopqrstuvwxyz0123456789${ESC}[0m now`;
  expect(cleaned(split)).toEqual([`using ${redacted} now`]);
  expect(cleaned(`DB_PASSWORD=${red("hunter2")}`).map(plainText)).toEqual([`DB_PASSWORD=${redacted}`]);
  expect(cleaned(`${ESC}[3mpass${ESC}[0mword=hunter2`)).toEqual([`password=${redacted}`]);
});

test("a line without a secret keeps its colours, and so does one whose secret is in one piece", () => {
  expect(cleaned(red("all is well"))).toEqual([red("all is well")]);
  expect(cleaned(`${red("error")} password=hunter2`)).toEqual([`${red("error")} password=${redacted}`]);
});

test("a private key is redacted over all of its lines, and what follows is not", () => {
  const body = "MIIEowIBAAKCAQEAx7Tn5bQKq0l9v2a8m1cD4e6F8g0H2i4J6k8L0m2N4o6P8q0R";
  const lines = [
    "-----BEGIN RSA PRIVATE KEY-----",
    body,
    red(body),
    "Zm9v",
    "-----END RSA PRIVATE KEY-----",
    "done",
    body,
  ];
  expect(cleaned(...lines)).toEqual([redacted, redacted, redacted, redacted, lines[4], "done", body]);
});

test("an over-long line is cut with a mark, after redaction, and never within a colour or a character", () => {
  const [line = ""] = cleaned(`${"x".repeat(8_150)} password=hunter2hunter2 ${"y".repeat(20_000)}`);
  expect(line).toHaveLength(8_192);
  expect(line).toMatch(/characters cut\]$/);
  expect(line).not.toContain("hunter2");
  for (let shift = 0; shift < 12; shift++) {
    const [cut = ""] = cleaned(`${"x".repeat(8_150 + shift)}${"😀".repeat(20)}${red("b").repeat(100)}`);
    expect(cut.isWellFormed()).toBe(true);
    expect(plainText(cut)).not.toContain(ESC);
  }
});

test("a change over colours keeps them where it leaves the text alone", () => {
  const shout = (text: string): string => text.replace("quiet", "LOUD");
  expect(overColours(`${red("a")} quiet`, shout)).toBe(`${red("a")} LOUD`);
  expect(overColours(`qu${red("iet")}`, shout)).toBe("LOUD");
});
