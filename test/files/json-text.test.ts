import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fieldOf, parseObject } from "../../src/files/json-text.js";
import { refusal } from "../settings/places.js";

describe("parseObject", () => {
  it.each([
    ["{}", {}],
    ['\uFEFF{"a": 1}', { a: 1 }],
    [' {"a": [true, false, null, -1.5e3, "\\u00e9\\n"]} \n', { a: [true, false, null, -1500, "é\n"] }],
  ])("reads %j", (text, value) => {
    expect(parseObject(text, "file")).toEqual(value);
  });

  it.each([
    ["", "1:1"],
    ["{", "1:2"],
    ['{"secret" "x"}', "1:11"],
    ['{"secret": x}', "1:12"],
    ['{"secret": "x",}', "1:16"],
    ['{"a": 1\n "secret": 2}', "2:2"],
    ['{\n  "a": [1, 2,],\n}', "2:14"],
    ['{\n  "a": [1 2]\n}', "2:11"],
    ["{} {}", "1:4"],
    ['{"a": 01}', "1:8"],
    ['{"a": "secret\n"}', "1:7"],
    ["{'secret': 1}", "1:2"],
    ['{"a": {"b": [}]}', "1:14"],
    ["[".repeat(100_000), "1:100001"],
  ])("locates the error in %j, without its text", (text, place) => {
    expect(refusal(() => parseObject(text, "the file"))).toEqual([
      2,
      `the file:${place} isn't valid JSON`,
      "fix the file, or move it away; herm left it unchanged",
    ]);
  });

  it.each(["[]", '"text"', "null", "1"])("rejects %s, because it isn't an object", (text) => {
    expect(refusal(() => parseObject(text, "file"))[1]).toBe("file:1:1 isn't a JSON object");
  });

  it("locates an error in any invalid JSON", () => {
    const damaged = fc
      .tuple(
        fc.json(),
        fc.nat(),
        fc.constantFrom("{", "}", "[", "]", ",", ":", '"', "\\", "0", "-", "e", "x", "\n"),
      )
      .map(
        ([text, at, char]) =>
          text.slice(0, at % (text.length + 1)) + char + text.slice(at % (text.length + 1)),
      );
    fc.assert(
      fc.property(damaged, (text) => {
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        fc.pre(!isJson);
        const [, message] = refusal(() => parseObject(text, "file"));
        const [line = 0, column = 0] = message
          .replace(/^file:(\d+):(\d+) .*$/, "$1 $2")
          .split(" ")
          .map(Number);
        const lines = text.split("\n");
        expect(line).toBeGreaterThan(0);
        expect(line).toBeLessThanOrEqual(lines.length);
        expect(column).toBeLessThanOrEqual((lines[line - 1] ?? "").length + 1);
      }),
    );
  });
});

describe("fieldOf", () => {
  it.each(["constructor", "toString", "__proto__"])("ignores an inherited %s", (name) => {
    expect(fieldOf({}, name)).toBeUndefined();
  });

  it("finds an object's own field, even under an inherited name", () => {
    expect(fieldOf(parseObject('{"__proto__": 1}', "file"), "__proto__")).toBe(1);
  });
});
