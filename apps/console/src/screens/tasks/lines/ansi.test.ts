import { contrast, contrastMin } from "@daybook/contract";
import { expect, test } from "vitest";
import { markedPieces, piecesOf, plainText } from "./ansi.ts";
import { readable, styleOf } from "./ansi-colours.ts";

const ESC = "\u001b";

test("a line without colours is one piece", () => {
  expect(piecesOf("plain [31m text")).toEqual([{ text: "plain [31m text", look: {} }]);
  expect(piecesOf("")).toEqual([]);
});

test("colours and weights hold until they are ended", () => {
  expect(piecesOf(`${ESC}[1;31mbad${ESC}[39m still bold${ESC}[0m plain`)).toEqual([
    { text: "bad", look: { bold: true, fg: 1 } },
    { text: " still bold", look: { bold: true } },
    { text: " plain", look: {} },
  ]);
  expect(piecesOf(`${ESC}[92;44mx${ESC}[mend`)).toEqual([
    { text: "x", look: { fg: 10, bg: 4 } },
    { text: "end", look: {} },
  ]);
});

test("256 and true colours are read in both ways of writing", () => {
  const look = (parameters: string) => piecesOf(`${ESC}[${parameters}mx`)[0]?.look;
  expect(look("38;5;9")).toEqual({ fg: 9 });
  expect(look("38;5;208")).toEqual({ fg: "#ff8700" });
  expect(look("38;5;244")).toEqual({ fg: "#808080" });
  expect(look("48;2;1;2;3;1")).toEqual({ bg: "#010203", bold: true });
  expect(look("38:2::255:128:0")).toEqual({ fg: "#ff8000" });
  expect(look("38:2:255:128:0")).toEqual({ fg: "#ff8000" });
  expect(look("38:5:208")).toEqual({ fg: "#ff8700" });
  expect(look("38;5;999")).toEqual({});
  expect(look("38;2;900;0;0")).toEqual({ fg: "#ff0000" });
});

test("the plain text has no trace of colours", () => {
  expect(plainText(`a${ESC}[38;5;208mb${ESC}[0mc`)).toBe("abc");
});

test("what a search found is marked across a change of colour", () => {
  const pieces = piecesOf(`an Er${ESC}[31mror and err${ESC}[0mor`);
  const marked = markedPieces(pieces, "error");
  expect(marked.filter((piece) => piece.found).map((piece) => piece.text)).toEqual(["Er", "ror", "err", "or"]);
  expect(marked.map((piece) => piece.text).join("")).toBe("an Error and error");
  expect(markedPieces(piecesOf("aaa"), "a").map((piece) => piece.text)).toEqual(["a", "a", "a"]);
  expect(markedPieces(piecesOf("nothing"), "x")).toEqual([{ text: "nothing", look: {} }]);
});

test("every colour can be read on the pane in both themes", () => {
  for (let code = 0; code < 256; code++) {
    const fg = piecesOf(`${ESC}[38;5;${code}mx`)[0]?.look.fg;
    const [light = "", dark = ""] = /#\w{6}/g[Symbol.match](String(styleOf({ fg: fg ?? 0 })?.color)) ?? [];
    expect(contrast(light, "#fafafa")).toBeGreaterThanOrEqual(contrastMin);
    expect(contrast(dark || light, "#111115")).toBeGreaterThanOrEqual(contrastMin);
  }
  expect(contrast(readable("#777777", "#808080"), "#808080")).toBeGreaterThanOrEqual(contrastMin);
});

test("text on a coloured ground can be read, with or without a colour of its own", () => {
  expect(styleOf({ bg: "#ffff00" })).toEqual({ backgroundColor: "#ffff00", color: "#000000" });
  const style = styleOf({ fg: "#ffff00", bg: "#ffffff" });
  expect(contrast(String(style?.color), "#ffffff")).toBeGreaterThanOrEqual(contrastMin);
});
