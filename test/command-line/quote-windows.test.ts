import { describe, expect, it } from "vitest";
import { quoteForWindows } from "../../src/command-line/shell-quote.js";

describe("quoteForWindows", () => {
  it.each([
    ["INC-1", "INC-1"],
    ["C:\\Users\\ada\\dev.db", "C:\\Users\\ada\\dev.db"],
    ["C:\\Program Files\\x\\", '"C:\\Program Files\\x\\\\"'],
    ["Weekly report", '"Weekly report"'],
    ["", '""'],
    ["it's 20% & more", '"it\'s 20% & more"'],
    ["*", '"*"'],
    ["Zürich–Köln", '"Zürich–Köln"'],
  ])("quotes %j as %s", (word, quoted) => {
    expect(quoteForWindows(word)).toBe(quoted);
  });

  // In one of these shells, each of these would end the quotes or be expanded inside them.
  it.each([
    ['a"&calc&"', '"a…&calc&…"'],
    ["$(calc)", '"…(calc)"'],
    ["`$x", '"……x"'],
    ["“; calc; ”", '"…; calc; …"'],
    ["%PATH%", '"…PATH%"'],
    ["a\ncalc", '"a…calc"'],
    ["a\u202Eb", '"a…b"'],
  ])("replaces characters that PowerShell and cmd read differently: %j becomes %s", (word, quoted) => {
    expect(quoteForWindows(word)).toBe(quoted);
  });
});
