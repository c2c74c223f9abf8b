import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExactNumber, parseJson, writeJson } from "../../src/api/json.js";
import { answer } from "../support/fake-api.js";
import { herm } from "../support/harness.js";

const inexact = [
  "12345678901234567890",
  "-9007199254740993",
  "9007199254740993",
  "0.1234567890123456789",
  "1234567890.1234567890123",
  "1e400",
  "-1E-400",
  "12345678901234567890e-5",
];
const exact = [
  "0",
  "-0.5",
  "9007199254740991",
  "1500000000000000000000",
  "1e21",
  "0.1",
  "1.50e300",
  "123456789.012345",
];

describe("JSON that keeps every number exact", () => {
  it.each(inexact)("preserves %s", (number) => {
    const json = `{"a":[${number},{"b":${number}}],"c":"${number}"}`;
    expect(writeJson(parseJson(json))).toBe(json);
    expect(parseJson(`[${number}]`)).toEqual([new ExactNumber(number)]);
  });

  it.each(exact)("reads %s as a number", (number) => {
    expect(parseJson(`[ ${number} ]`)).toEqual([Number(number)]);
  });

  it("leaves strings unchanged, even if they look like numbers", () => {
    const texts = [
      ", 12345678901234567890",
      '\\", 12345678901234567890 "',
      "\\",
      '"',
      "1e400",
      "exact-1",
      "",
    ];
    const json = `{"n":12345678901234567890,"texts":${JSON.stringify(texts)},${JSON.stringify(texts[1])}:1}`;
    expect(writeJson(parseJson(json))).toBe(json);
  });

  it("is indented, and omits values, as JSON.stringify does", () => {
    expect(writeJson(parseJson('{"a":[12345678901234567890]}'), 2)).toBe(
      '{\n  "a": [\n    12345678901234567890\n  ]\n}',
    );
    expect(writeJson(undefined)).toBe("");
  });

  const nested = (levels: number, inner = "1") =>
    `${'[{"a":'.repeat(Math.floor(levels / 2))}${"[".repeat(levels % 2)}${inner}${"]".repeat(levels % 2)}${"}]".repeat(Math.floor(levels / 2))}`;

  it.each([1, 63, 64])("may be nested %i deep", (levels) => {
    expect(writeJson(parseJson(nested(levels)))).toBe(nested(levels));
  });

  it.each([
    ["65 deep", nested(65)],
    ["a million deep", nested(1_000_000)],
    ["too deep around an exact number", nested(100_000, "12345678901234567890")],
    ["too deep after thousands of shallow values", `[${"[],".repeat(10_000)}${nested(64)}]`],
  ])("may not be nested %s, and is checked without recursion", (_, text) => {
    expect(() => parseJson(text)).toThrow(/nested/);
  });

  it("must be valid", () => {
    expect(() => parseJson("[12345678901234567890")).toThrow(SyntaxError);
    expect(() => parseJson("[012345678901234567890]")).toThrow(SyntaxError);
  });

  it("is written back exactly as it was read, with random values and numbers", () => {
    const digits = fc.stringMatching(/^(0|[1-9][0-9]{0,24})(\.[0-9]{1,24})?([eE][+-]?[0-9]{1,3})?$/);
    fc.assert(
      fc.property(fc.jsonValue(), digits, fc.boolean(), (value, number, isNegative) => {
        const plain = JSON.stringify(value);
        const written = `${isNegative ? "-" : ""}${number}`;
        const json = `{"value":${plain},"number":${written},"again":${plain}}`;
        const back = writeJson(parseJson(json));
        const [, kept = ""] = /"number":([^,]+),"again":/.exec(back) ?? [];
        expect(back.replace(`"number":${kept},"again"`, `"number":${written},"again"`)).toBe(json);
        expect(Number(kept) === Number(written)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it("may contain a 20 MB string as well as an exact number", () => {
    const json = `{"n":12345678901234567890,"text":${JSON.stringify('"\\ 1234567890123456 '.repeat(1_000_000))}}`;
    expect(writeJson(parseJson(json)) === json).toBe(true);
  });
});

describe("the JSON output of a command", () => {
  it("keeps the API's numbers exact", async () => {
    const automation =
      '{"automation_id":"auto_1","name":"Report","schedule":"0 9 * * 1","enabled":true,"cost":12345678901234567890}';
    const { stdout } = await herm(["automations", "list", "-d", "dep_1", "-o", "jsonl"], {
      key: "key_of_the_tests",
      fetch: async () => answer(200, `{"data":[${automation}],"next_cursor":null}`),
    });
    expect(stdout).toContain('"cost":12345678901234567890');
  });
});
