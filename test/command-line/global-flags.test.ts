import { describe, expect, it } from "vitest";
import { namedFlags } from "../../src/command/flags.js";
import { globalFlags, splitGlobalFlags } from "../../src/command-line/global-flags.js";
import { UsageError } from "../../src/errors.js";
import { declarations } from "../support/declarations.js";

const ownFlags = [
  { long: "--incident", valueName: "name" },
  { long: "--dry-run" },
  { long: "--file", short: "-f", valueName: "path" },
];

describe("splitGlobalFlags", () => {
  it.each([
    [["-d", "dep_1", "pause", "auto_1"], { deployments: ["dep_1"] }, ["pause", "auto_1"]],
    [["pause", "-d", "dep_1", "-d", "dep_2"], { deployments: ["dep_1", "dep_2"] }, ["pause"]],
    [["pause", "--deployment=dep_1"], { deployments: ["dep_1"] }, ["pause"]],
    [["pause", "--json"], { output: "json" }, ["pause"]],
    [["pause", "-o", "jsonl"], { output: "jsonl" }, ["pause"]],
    [["pause", "-o=name"], { output: "name" }, ["pause"]],
    [["--timeout", "1m30s", "--max-wait=2m", "pause"], { timeoutMs: 90_000, maxWaitMs: 120_000 }, ["pause"]],
    [["pause", "--incident", "x", "--dry-run"], {}, ["pause", "--incident=x", "--dry-run"]],
    [["pause", "-f", "-"], {}, ["pause", "--file=-"]],
    [["pause", "--incident=--dry-run"], {}, ["pause", "--incident=--dry-run"]],
    [["pause", "--incident="], {}, ["pause", "--incident="]],
    [["pause", "--", "-d", "--json"], {}, ["pause", "--", "-d", "--json"]],
    [
      ["-q", "--debug", "--local", "--no-color", "--no-input", "pause"],
      { quiet: true, debug: true, local: true, noColor: true, noInput: true },
      ["pause"],
    ],
    [
      ["--profile", "staging", "--api-url", "http://localhost:1", "pause"],
      { profile: "staging", apiUrl: "http://localhost:1" },
      ["pause"],
    ],
  ])("reads %j", (words, flags, rest) => {
    expect(splitGlobalFlags(words, ownFlags)).toEqual({
      flags: { ...splitGlobalFlags([], []).flags, ...flags },
      rest,
    });
  });

  it.each([
    [["pause", "--incident", "--dry-run"], "--incident needs a value, and got --dry-run"],
    [["pause", "--incident", "-d", "dep_1"], "--incident needs a value, and got -d"],
    [["pause", "--incident"], "--incident needs a value"],
    [["pause", "-d"], "--deployment"],
    [["pause", "-d", ""], "--deployment needs a value, not an empty one"],
    [["pause", "--json=yes"], "--json takes no value"],
    [["pause", "--dry-run=no"], "--dry-run takes no value"],
    [["pause", "-o", "xml"], "--output must be one of table, json, jsonl, name"],
    [["pause", "--timeout", "soon"], "--timeout must be a duration such as"],
    [["pause", "--timeout", "0s"], "--timeout must be a duration such as"],
    [["pause", "-dont"], "unknown flag -dont"],
  ])("refuses %j", (words, message) => {
    const refused = () => splitGlobalFlags(words, ownFlags);
    expect(refused).toThrow(UsageError);
    expect(refused).toThrow(
      message.startsWith("--deployment") && words.length === 2 ? "-d needs a value" : message,
    );
  });
});

describe("every flag of every command that takes a value", () => {
  it("refuses a separate value that begins with -", () => {
    const valued = Object.entries(declarations).flatMap(([name, { flags }]) => {
      const own = namedFlags(flags);
      const takers = [
        ...own.filter(({ valueName }) => valueName !== undefined),
        ...globalFlags.filter(({ valueName: value }) => value !== undefined),
      ];
      return takers.map(({ long }) => ({ name, own, long }));
    });
    expect(valued.length).toBeGreaterThan(60);
    for (const { name, own, long } of valued) {
      expect(() => splitGlobalFlags([long, "--json"], own), `${name} ${long}`).toThrow(
        "needs a value, and got --json",
      );
    }
  });
});
