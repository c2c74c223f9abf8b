import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toJson, toJsonLine, toJsonLines } from "../../src/output/printed-json.js";
import { show } from "../support/terminal.js";
import { terminalTexts } from "../support/terminal-texts.js";

const live = /[\0-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]|\p{Bidi_Control}|\p{Surrogate}|\u200b/u;

describe("toJson", () => {
  it("indents its output, without a final newline", () => {
    expect(toJson({ id: "auto_1", tags: [], at: null })).toBe(
      '{\n  "id": "auto_1",\n  "tags": [],\n  "at": null\n}',
    );
    expect(toJsonLine({ id: "auto_1", tags: [1, 2] })).toBe('{"id":"auto_1","tags":[1,2]}');
    expect(toJsonLine(undefined)).toBe("null");
  });

  it.each([
    ["\x7f\x9b2J", '"\\u007f\\u009b2J"'],
    ["\u202ea\u2028b", '"\\u202ea\\u2028b"'],
    ["\u{e0061}", '"\\udb40\\udc61"'],
    ["\ud800", '"\\ud800"'],
    ["a\nb\u2066", '"a\\nb\\u2066"'],
    ["日本 👩\u200d🔬 می\u200cخواهم", '"日本 👩\u200d🔬 می\u200cخواهم"'],
  ])("writes %j as %s", (text, json) => {
    expect(toJsonLine(text)).toBe(json);
    expect(JSON.parse(json)).toBe(text);
  });

  it.each(terminalTexts.attacks)("can't control a terminal: $name", async ({ text }) => {
    const screen = await show(toJson({ [text]: text }), { columns: 4000 });
    expect(screen.effects).toEqual([]);
    expect(screen.lines).toHaveLength(3);
  });

  it.each(terminalTexts.legitimate)("keeps text readable: $name", ({ text }) => {
    expect(toJsonLine(text)).toBe(JSON.stringify(text));
  });

  it("preserves every value, without control characters", () => {
    const value = fc.jsonValue({ stringUnit: "binary" });
    fc.assert(
      fc.property(value, fc.boolean(), (original, githubActions) => {
        for (const json of [toJson(original, { githubActions }), toJsonLine(original, { githubActions })]) {
          expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(original)));
          expect(json).not.toMatch(live);
        }
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    ["##[error]x", '"#\\u0023[error]x"'],
    ["a ##[group]", '"a #\\u0023[group]"'],
    ["####[x", '"###\\u0023[x"'],
    ["::error::x", '"\\u003a:error::x"'],
    [" \n::error::x", '" \\n\\u003a:error::x"'],
    ["a::b # [", '"a::b # ["'],
  ])("writes, in GitHub Actions, %j as %s", (text, json) => {
    expect(toJsonLine(text, { githubActions: true })).toBe(json);
    expect(JSON.parse(json)).toBe(text);
  });

  it("writes many values as it writes each one alone", () => {
    const values = fc.array(fc.jsonValue({ stringUnit: "binary" }), { maxLength: 4 });
    fc.assert(
      fc.property(values, fc.boolean(), (several, githubActions) => {
        const options = { githubActions };
        const lines = several.map((value) => `${toJsonLine(value, options)}\n`).join("");
        expect(toJsonLines(several, options)).toBe(lines);
        const indented = several.map((value) => toJson(value, options).replaceAll("\n", "\n  "));
        const array = several.length === 0 ? "[]" : `[\n  ${indented.join(",\n  ")}\n]`;
        expect(toJson(several, options)).toBe(array);
      }),
      { numRuns: 150 },
    );
  });
});
