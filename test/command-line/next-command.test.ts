import { describe, expect, it } from "vitest";
import { readGlobalFlags } from "../../src/command-line/global-flags.js";
import { commandLine } from "../../src/command-line/next-command.js";

const flags = readGlobalFlags();

/** The settings that a command line depends on. */
function contextWith(more: Partial<typeof flags>) {
  return { settings: { flags: { ...flags, ...more } } };
}

describe("a command to run next", () => {
  it.each([
    [{}, ["runs", "watch", "dep_1/run_1"], "herm runs watch dep_1/run_1"],
    [{ local: true }, ["runs", "list"], "herm --local runs list"],
    [{ profile: "my prod" }, ["runs", "list"], "herm --profile 'my prod' runs list"],
    [{ apiUrl: "https://api.test/" }, ["runs", "list"], "herm --api-url https://api.test/ runs list"],
    [{}, ["runs", "answer", "run_1", "it's $(me)"], "herm runs answer run_1 'it'\\''s $(me)'"],
    // zsh reads =ls as the path of ls.
    [{}, ["runs", "answer", "run_1", "=ls"], "herm runs answer run_1 '=ls'"],
    [{}, ["runs", "answer", "run_1", ""], "herm runs answer run_1 ''"],
    // fish reads \\' as a quote within quotes.
    [{}, ["x", "Report \\'; touch X #"], "herm x 'Report '\\\\\\''; touch X #'"],
    [{}, ["x", "Report ##[group]"], "herm x 'Report ##'\\['group]'"],
    [{}, ["x", "Report\u3164"], "herm x \"$(printf '%b' 'Report\\0343\\0205\\0244')\""],
    [{}, ["x", "Report\n"], "herm x 'Report''\n'"],
    [{}, ["x", "Look! (now)\nあ"], "herm x \"$(printf '%b' 'Look\\0041 (now)\\nあ')\""],
  ])("with the flags %j and the words %j is %s", (more, words, expected) => {
    expect(commandLine(contextWith(more), words)).toBe(expected);
  });
});
