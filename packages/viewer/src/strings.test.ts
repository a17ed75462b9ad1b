import { expect, test } from "vitest";
import { fill, humanise } from "./strings.ts";

test("words of programs are told as people read them", () => {
  const told = { memoryMb: "Memory MB", disk_full: "Disk full", cpuPercent: "CPU percent", MAX_PLAYERS: "MAX PLAYERS" };
  for (const [word, text] of Object.entries(told)) expect(humanise(word)).toBe(text);
});

test("places without a value stay as they are", () => {
  expect(fill("{n} new of {all}", { n: 3 })).toBe("3 new of {all}");
});
