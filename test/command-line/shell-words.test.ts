import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bashReplacement, readTypedLine, unquote } from "../../src/command-line/typed-words.js";

describe("a command line up to the cursor", () => {
  it.each([
    ["herm ", ["herm"], ""],
    ["herm auto", ["herm"], "auto"],
    ["  herm   automations  get  We", ["herm", "automations", "get"], "We"],
    ["herm get Report:\\ sa", ["herm", "get"], "Report:\\ sa"],
    ['herm get "Report: sa', ["herm", "get"], '"Report: sa'],
    ["herm get 'it", ["herm", "get"], "'it"],
    ['herm get \'a b\' "c \\" d" e\\ f ', ["herm", "get", "a b", 'c " d', "e f"], ""],
    ["herm get a\\", ["herm", "get"], "a\\"],
    ["herm get a\u00a0b \u3000c", ["herm", "get", "a\u00a0b"], "\u3000c"],
    ["", [], ""],
  ])("%j is split into %j and %j", (line, before, raw) => {
    expect(readTypedLine(line)).toEqual({ before, raw });
  });
});

describe("bash completion at the cursor", () => {
  it.each([
    ["Weekly video", "We", "We", "Weekly\\ video"],
    ["Report: sales", "Report:\\ sa", "\\ sa", "\\ sales"],
    ["Report: sales", "Report:", ":", "\\ sales"],
    ["--output=json", "--output=j", "j", "json"],
    ["--output=json", "--output=", "=", "json"],
    ["Report: sales", '"Report: sa', '"Report: sa', "Report: sales"],
    ["it's $x `y` !", '"it', '"it', 'it\'s \\$x \\`y\\` "\\!"'],
    ["it's !", "'it", "'it", "it'\\''s '\\!'"],
    ["週報まとめ", "週", "週", "週報まとめ"],
    ["dep_1", "", "", "dep_1"],
  ])("completes %j after %s", (wanted, raw, current, expected) => {
    expect(bashReplacement(wanted, { raw, current })).toBe(expected);
  });

  it("quotes the selected word for the shell, whatever quotes are open", () => {
    const word = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
      .filter((text) => !/[\0-\u001f\u007f]/.test(text));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), (wanted) => {
        const line = wanted
          .flatMap((text) => [
            bashReplacement(text, { raw: "", current: "" }),
            `"${bashReplacement(text, { raw: '"', current: '"' })}"`,
            `'${bashReplacement(text, { raw: "'", current: "'" })}'`,
          ])
          .join(" ");
        const read = execFileSync("sh", ["-c", `printf '%s\\0' ${line}`]).toString("utf8");
        const same = wanted.flatMap((text) => [text, text, text]);
        expect(read.split("\0").slice(0, -1)).toEqual(same.map((text) => Buffer.from(text).toString("utf8")));
        for (const raw of readTypedLine(`${line} `).before) expect(wanted).toContain(raw);
      }),
      { numRuns: 40 },
    );
  });

  it("recognises an open quote", () => {
    const ofQuote = new Map(["", '"', "'"].map((raw) => [bashReplacement(`'"`, { raw, current: raw }), raw]));
    const open = (raw: string) => ofQuote.get(bashReplacement(`${unquote(raw)}'"`, { raw, current: "" }));
    expect(["a", '"a', "'a", '"a"', "'a'b", '"a\\"', "it\\'s", "\"it's"].map(open)).toEqual([
      ...["", '"', "'", "", "", '"', "", '"'],
    ]);
    expect(unquote("'a'\\''b'")).toBe("a'b");
  });
});
