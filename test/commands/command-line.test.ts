import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commandLine } from "../../src/commands/command-line.js";
import { noGlobalFlags } from "../../src/global-flags.js";

const flags = noGlobalFlags();

/** The settings as far as a command line depends on them. */
function contextWith(more: Partial<typeof flags>) {
  return { settings: { flags: { ...flags, ...more } } };
}

describe("a command to run again", () => {
  it.each([
    [{}, ["runs", "watch", "dep_1/run_1"], "herm runs watch dep_1/run_1"],
    [{ local: true }, ["runs", "list"], "herm --local runs list"],
    [{ profile: "my prod" }, ["runs", "list"], "herm --profile 'my prod' runs list"],
    [{ apiUrl: "https://api.test/" }, ["runs", "list"], "herm --api-url https://api.test/ runs list"],
    [{}, ["runs", "answer", "run_1", "it's $(me)"], "herm runs answer run_1 'it'\\''s $(me)'"],
    // zsh takes =ls for the path of ls.
    [{}, ["runs", "answer", "run_1", "=ls"], "herm runs answer run_1 '=ls'"],
    [{}, ["runs", "answer", "run_1", ""], "herm runs answer run_1 ''"],
    [{}, ["x", "Look! (now)\nあ"], "herm x \"$(printf '%b' 'Look\\0041 (now)\\nあ')\""],
  ])("under %j is %j as %s", (more, words, expected) => {
    expect(commandLine(contextWith(more), words)).toBe(expected);
  });

  it("is read by a shell as the words that it was made of", () => {
    const word = fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0"));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 20 }), (words) => {
        const line = commandLine(contextWith({}), words);
        const shown = execFileSync("sh", ["-c", `herm() { printf '%s\\0' "$@"; }; ${line}`]).toString("utf8");

        expect(shown.split("\0").slice(0, -1)).toEqual(
          words.map((each) => Buffer.from(each).toString("utf8")),
        );
      }),
      { numRuns: 30 },
    );
  });
});
