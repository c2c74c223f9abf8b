import { describe, expect, it } from "vitest";
import { herm } from "../support/harness.js";

describe("a word that is no command", () => {
  it.each([
    [["automations", "lst"], 'unknown command "lst" for herm automations', "did you mean list?"],
    [["auto", "lst"], 'unknown command "lst" for herm automations', "did you mean list?"],
    [["automatons"], 'unknown command "automatons"', "did you mean automations?"],
    [["runs", "shwo"], 'unknown command "shwo" for herm runs', "did you mean show?"],
    [["-d", "dep_1", "automations", "puase"], 'unknown command "puase"', "did you mean pause?"],
    [["automations", "lst", "--help"], 'unknown command "lst"', "did you mean list?"],
    [["trigger"], 'unknown command "trigger"', "did you mean herm automations trigger?"],
    [["list"], 'unknown command "list"', "did you mean herm automations list, herm runs list,"],
    [["help"], 'unknown command "help"', "herm --help lists the commands"],
    [["runs", "xyzzy"], 'unknown command "xyzzy" for herm runs', "herm runs --help lists the commands"],
  ])("%j: %s, %s", async (words, message, hint) => {
    const { code, stdout, stderr } = await herm(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr.split("\n")).toEqual([
      expect.stringContaining(`error: ${message}`),
      expect.stringContaining(`hint: ${hint}`),
      "",
    ]);
  });
});

describe("a flag that isn't there", () => {
  it.each([
    [["automations", "list", "--failin"], "unknown flag --failin", "did you mean --failing?"],
    [["automations", "list", "--profle", "x"], "unknown flag --profle", "did you mean --profile?"],
    [
      ["automations", "list", "--all-deployment=1"],
      "unknown flag --all-deployment",
      "did you mean --all-deployments?",
    ],
    [["--versoin"], "unknown flag --versoin", "did you mean --version?"],
    [
      ["runs", "list", "--status", "faild"],
      "unknown flag --status",
      "the flags of this command: --failed, --completed, --running, --waiting, --since,",
    ],
    [["config", "path", "--verbose"], "unknown flag --verbose", "--help tells more"],
    [
      ["incidents", "show", "-x"],
      "unknown flag -x",
      "the flags of this command: --watch, --offline; text that",
    ],
    [
      ["dev", "--backgroun"],
      "unknown flag --backgroun",
      "the flags of this command: --port, --data, --memory,",
    ],
    [["config", "get", "-5"], "unknown flag -5", "text that begins with - is given after --"],
  ])("%j: %s, %s", async (words, message, hint) => {
    const { code, stdout, stderr } = await herm(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(`error: ${message}\nhint: ${hint}`);
  });
});

describe("a value that a flag doesn't take", () => {
  it.each([
    [
      ["automations", "list", "-o", "jsno"],
      '--output is one of table, json, jsonl, name, not "jsno"',
      "did you mean json",
    ],
    [
      ["automations", "list", "--output=tabel"],
      '--output is one of table, json, jsonl, name, not "tabel"',
      "did you mean table?",
    ],
    [
      ["deployments", "list", "--status", "redy"],
      '--status is one of provisioning, ready, error, not "redy"',
      "did you mean ready?",
    ],
    [
      ["automations", "list", "--sort", "nxet"],
      "--sort is one of name, schedule, status, last, next, id, deployment",
      "did you mean next?",
    ],
    [
      ["automations", "list", "--columns", "name,stauts"],
      '--columns: there is no column "stauts"',
      "did you mean status?",
    ],
    [["completion", "zhs"], 'completion is for bash, zsh or fish, not "zhs"', "did you mean zsh?"],
    [["config", "get", "deploment"], 'there is no setting "deploment"', "did you mean deployment?"],
  ])("%j: %s, %s", async (words, message, hint) => {
    const { code, stdout, stderr } = await herm(words, { key: "a-key-of-tests" });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(`error: ${message}`);
    expect(stderr).toContain(`\nhint: ${hint}`);
  });

  it("is told as JSON where JSON was asked for", async () => {
    const { stderr } = await herm(["deployments", "list", "--status", "redy", "--json"]);
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: "usage",
        message: '--status is one of provisioning, ready, error, not "redy"',
        hint: "did you mean ready?",
      },
    });
  });
});
