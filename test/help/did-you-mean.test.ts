import { describe, expect, it } from "vitest";
import { namedFlags } from "../../src/command/flags.js";
import { findGlobalFlag } from "../../src/command-line/global-flags.js";
import { commandAliases } from "../../src/help/unknown-command.js";
import "../../src/commands/command-tree.js";
import { nodesAt } from "../../src/command/tree.js";
import { meantFlags } from "../../src/help/refused-line.js";
import { topics } from "../../src/help/topics.js";
import { commandNames, declarations } from "../support/declarations.js";
import { herm } from "../support/harness.js";
import { parseLine } from "../support/parse-command.js";
import { readShellLine } from "../support/shell-line.js";

/** The words in a line, as a shell splits them. */
const wordsOf = (line: string) => readShellLine(line).flatMap(({ words }) => words);
const saidBy = (stderr: string) => stderr.split("\n").filter((line) => line !== "");

describe("an unknown command", () => {
  it.each([
    [
      ["automations", "lst"],
      'unknown command "lst" for herm automations',
      "did you mean herm automations list?",
    ],
    [["auto", "lst"], 'unknown command "lst" for herm automations', "did you mean herm automations list?"],
    [["automatons"], 'unknown command "automatons"', "did you mean herm automations?"],
    [["runs", "incidents"], 'unknown command "incidents"', "did you mean herm incidents?"],
    [["runs", "shwo"], 'unknown command "shwo" for herm runs', "did you mean herm runs show?"],
    [
      ["-d", "dep_1", "automations", "puase"],
      'unknown command "puase"',
      "did you mean herm automations pause -d dep_1?",
    ],
    [["automations", "lst", "--help"], 'unknown command "lst"', "did you mean herm automations list --help?"],
    [["puase"], 'unknown command "puase"', "did you mean herm automations pause?"],
    [
      ["explain", "every", "day", "at 9am"],
      'unknown command "explain"',
      "did you mean herm schedule explain every day 'at 9am'?",
    ],
    [
      ["show", "run_1"],
      'unknown command "show"',
      "did you mean herm runs show run_1 or herm incidents show run_1?",
    ],
    [["help", "puase"], 'unknown command or topic "puase"', "did you mean herm help automations pause?"],
    [["help", "runs", "lst"], 'unknown command "lst" for herm runs', "did you mean herm help runs list?"],
    [["runs", "xyzzy"], 'unknown command "xyzzy" for herm runs', "to see the commands: herm runs --help"],
    [["constructor"], 'unknown command "constructor"', "to see the commands: herm --help"],
    [["__proto__", "list"], 'unknown command "__proto__"', "to see the commands: herm --help"],
    [["help", "toString"], 'unknown command or topic "toString"', "to see the commands: herm --help"],
    [["help", "valueOf", "list"], 'unknown command or topic "valueOf"', "to see the commands: herm --help"],
  ])("%j causes the error %s and the hint %s", async (words, message, hint) => {
    const { code, stdout, stderr } = await herm(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr.split("\n")).toEqual([
      expect.stringContaining(`error: ${message}`),
      expect.stringContaining(`hint: ${hint}`),
      "",
    ]);
  });
});

describe("a command from another tool", () => {
  it.each([
    ["auto show x", "use herm automations get x"],
    ["stats", "use herm automations audit --by automation"],
    ["runs stats", "use herm automations audit --by automation"],
    ["runs stats Daily -d dep_1", "use herm automations audit Daily --by automation -d dep_1"],
    ["auto rm Daily", "use herm automations delete Daily"],
    [
      "auto rm 'Daily report' auto_1 --yes -d dep_1",
      "use herm automations delete 'Daily report' auto_1 --yes -d dep_1",
    ],
    ["--local --timeout 5s auto rm Daily", "use herm automations delete Daily --local --timeout 5s"],
    [
      "auto rm Daily --api-url https://me:secret@example.com",
      "use herm automations delete Daily --api-url https://example.com",
    ],
    [
      "auto rm Daily --api-url=https://me:secret@example.com",
      "use herm automations delete Daily --api-url=https://example.com",
    ],
    ["auto rm Daily --why cleanup", "use herm automations delete Daily"],
    ["auto edit Daily", "use herm automations update Daily --edit"],
    ["auto edit Daily --name Nightly", "use herm automations update Daily --name Nightly"],
    ["auto run Daily", "use herm automations trigger Daily"],
    ["retry Daily", "use herm automations trigger Daily"],
    ["retry dep_1/run_1", "use herm automations trigger <automation>"],
    ["tail run_1", "use herm runs watch run_1"],
    ["prune", "to read about prune: herm help manifests"],
    ["rename A B", "use herm automations update A --name B"],
    [
      "auto start Daily",
      "to run it now: herm automations trigger Daily\n  to resume its schedule: herm automations resume Daily",
    ],
    ["auto stop Daily", "use herm automations pause Daily"],
    ["auto enable Daily", "use herm automations resume Daily"],
    ["auto disable Daily", "use herm automations pause Daily"],
    ["auto describe Daily", "use herm automations get Daily"],
    ["auto remove Daily", "use herm automations delete Daily"],
    ["auto new Daily", "use herm automations create"],
    ["auto add", "use herm automations create"],
    ["auto ps", "use herm runs list --running"],
    [
      "auto logs Daily",
      "to see its last run: herm runs show Daily\n  to list its runs: herm runs list Daily",
    ],
    ["auto descirbe Daily", "use herm automations get Daily"],
    ["runs get run_1", "use herm runs show run_1"],
    ["runs logs run_1", "use herm runs show run_1"],
    ["rm Daily", "use herm automations delete Daily"],
    ["run Daily", "use herm automations trigger Daily"],
    ["topics", "use herm help topics"],
    ["docs manifests", "use herm help manifests"],
    ["incidents pause", "use herm automations pause --all-deployments --incident INC-1"],
    ["config rm deployment", "use herm config unset deployment"],
  ])("herm %s gets the hint: %s", async (line, hint) => {
    const { code, stdout, stderr } = await herm(wordsOf(line));
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    const hints = `hint: ${hint}`.split("\n");
    expect(saidBy(stderr)).toEqual([expect.stringMatching(/^error: unknown command "/), ...hints]);
  });

  it.each([
    ["runs stop run_1", "a run can't be stopped", "<automation>", "run_1"],
    ["runs cancel dep_1/run_1", "a run can't be stopped", "<automation>", "dep_1/run_1"],
    ["runs kill Daily", "a run can't be stopped", "Daily", "Daily"],
    ["runs stop", "a run can't be stopped", "<automation>", "<run>"],
  ])("herm %s gets the hint: %s", async (line, message, automation, run) => {
    const { code, stderr } = await herm(wordsOf(line));
    expect(code).toBe(2);
    expect(saidBy(stderr)).toEqual([
      `error: ${message}`,
      `hint: to prevent further runs: herm automations pause ${automation}`,
      `  to tell the agent what to do: herm runs answer ${run} "…" --steer`,
    ]);
  });

  it("points to an existing command, and doesn't exist itself", async () => {
    const meant = [...commandAliases].flatMap(([group, rows]) =>
      rows.flatMap((row) => row.words.flatMap((word) => row.targets.map((each) => ({ group, word, each })))),
    );
    expect(meant.length).toBeGreaterThan(100);
    for (const { group, word, each } of meant) {
      const typed = [...group.split(" ").filter(Boolean), word];
      expect(nodesAt(typed).length, typed.join(" ")).toBeLessThan(typed.length);
      const path = nodesAt(each.command.split(" ")).map(({ name }) => name);
      const given = each.command.split(" ").length - path.length;
      const needed = Object.values(declarations[path.join(" ")]?.arguments ?? {})
        .slice(given)
        .filter((one) => one.isRequired);
      const line = `herm ${each.command} ${needed.map(() => "x").join(" ")} ${each.more ?? ""}`;
      expect(await parseLine(line)).toEqual([path.join(" ")]);
    }
  });

  it("points to commands that can be typed", async () => {
    const lines = [...commandAliases].flatMap(([group, rows]) =>
      rows.flatMap(({ words, instead }) =>
        instead === undefined ? [] : words.map((word) => ({ typed: `${group} ${word} x`.trim(), instead })),
      ),
    );
    expect(lines.length).toBeGreaterThan(3);
    for (const { typed, instead } of lines) {
      const { code, stderr } = await herm(wordsOf(typed));
      expect({ typed, code, said: saidBy(stderr)[1] }).toEqual({
        typed,
        code: 2,
        said: `hint: use ${instead}`,
      });
      for (const [line] of instead.replaceAll(/[<>]/g, "").matchAll(/herm [^,]+/g))
        expect(await parseLine(line)).toHaveLength(1);
    }
  });

  it("appears once in its group", () => {
    for (const [group, rows] of commandAliases) {
      const words = rows.flatMap((row) => row.words);
      expect(
        words.filter((word, at) => words.indexOf(word) !== at),
        group,
      ).toEqual([]);
    }
  });
});

const savedPlan = "to see the plan, add --dry-run; to write it to a file, add --report markdown=plan.md";

describe("a flag from another tool, or for another command", () => {
  it.each([
    ["automations update x --paused", "use herm automations pause x"],
    ["auto update --if-instructions five --schedule @daily", "did you mean --match or --replace?"],
    [
      "runs list --search paper",
      "to find errors, use -o json | jq; to search the text of runs: herm help tasks",
    ],
    ["auto update --paused x -d dep_1", "use herm automations pause x -d dep_1"],
    ["auto update x --name y --paused", "use herm automations pause x"],
    ["auto update 'Daily report' --enabled", "use herm automations resume 'Daily report'"],
    ["auto update x --enabled=false", "use herm automations pause x"],
    ["auto update x --paused false", "use herm automations resume x"],
    ["auto update x --cron '0 9 * * *'", "did you mean --schedule?"],
    ["auto create --prompt x", "did you mean --instructions?"],
    ["auto delete x --force", "did you mean --yes?"],
    ["auto create --disabled", "did you mean --paused?"],
    ["auto trigger x --wait", "did you mean --follow?"],
    ["auto pause x --for 2h", "to resume it at a given time, use a scheduler: herm help incidents"],
    ["apply -f x --plan-out plan.json", savedPlan],
    ["auto apply --plan=plan.json --yes", savedPlan],
    ["apply -f x --max-failures 2", "apply stops by itself in an outage, and the same command finishes it"],
    ["apply -f x --remove-duplicates", "apply names each duplicate, with the command that deletes it"],
    ["auto pause --all --until 6am", "to resume it at a given time, use a scheduler: herm help incidents"],
    ["list --api-key sk_1", "set HERM_API_KEY, or save the key: herm auth login"],
    ["--api-key=sk_1 auto list", "set HERM_API_KEY, or save the key: herm auth login"],
  ])("herm %s gets the hint: %s", async (line, hint) => {
    const { code, stdout, stderr } = await herm(wordsOf(line));
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(saidBy(stderr)).toEqual([expect.stringMatching(/^error: unknown flag --/), `hint: ${hint}`]);
  });

  it("points to an existing flag or command", async () => {
    const long = new Set(
      Object.values(declarations)
        .flatMap(({ flags }) => namedFlags(flags))
        .map((each) => each.long),
    );
    for (const { meant, opposite } of meantFlags) {
      if (typeof meant === "string") {
        const [flag = ""] = meant.split(" ");
        expect(long.has(flag) || findGlobalFlag(flag) !== undefined, flag).toBe(true);
      } else if ("hint" in meant) {
        const [, topic] = /^herm help (\w+) /.exec(meant.hint) ?? [];
        if (topic !== undefined) expect(topics.map(({ name }) => name)).toContain(topic);
        for (const [flag] of meant.hint.matchAll(/--[a-z-]+/g)) expect(long).toContain(flag);
      } else for (const each of [meant, opposite]) if (each) expect(commandNames).toContain(each.command);
    }
  });
});

describe("an unknown flag", () => {
  it.each([
    [["automations", "list", "--failin"], "unknown flag --failin", "did you mean --failing?"],
    [
      ["automations", "pause", "--concurency", "2"],
      "unknown flag --concurency",
      "did you mean --concurrency?",
    ],
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
      "to see the flags of this command, add --help",
    ],
    [
      ["config", "list", "--verbose"],
      "unknown flag --verbose",
      "to see the flags of this command, add --help",
    ],
    [
      ["incidents", "show", "-x"],
      "unknown flag -x",
      "to see the flags of this command, add --help; put text that starts with - after --",
    ],
    [["dev", "--stop"], "unknown flag --stop", "use herm dev stop"],
    [["dev", "--status", "--quiet"], "unknown flag --status", "use herm dev status"],
    [["dev", "--reset"], "unknown flag --reset", "use herm dev reset"],
    [["dev", "--backgroun"], "unknown flag --backgroun", "to see the flags of this command, add --help"],
  ])("%j causes the error %s and the hint %s", async (words, message, hint) => {
    const { code, stdout, stderr } = await herm(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(`error: ${message}\nhint: ${hint}`);
  });
});

describe("an invalid value of a flag", () => {
  it.each([
    [
      ["automations", "list", "-o", "jsno"],
      '--output must be one of table, json, jsonl, name, not "jsno"',
      "did you mean json",
    ],
    [
      ["automations", "list", "--output=tabel"],
      '--output must be one of table, json, jsonl, name, not "tabel"',
      "did you mean table?",
    ],
    [
      ["deployments", "list", "--status", "redy"],
      '--status must be one of provisioning, ready, error, not "redy"',
      "did you mean ready?",
    ],
    [
      ["automations", "list", "--sort", "nxet"],
      "--sort must be one of name, schedule, status, last, next, id, deployment",
      "did you mean next?",
    ],
    [
      ["automations", "list", "--columns", "name,stauts"],
      '--columns: there is no column "stauts"',
      "did you mean status?",
    ],
    [["completion", "zhs"], 'completion supports bash, zsh and fish, not "zhs"', "did you mean zsh?"],
    [["config", "unset", "deploment"], 'there is no setting "deploment"', "did you mean deployment?"],
  ])("%j causes the error %s and the hint %s", async (words, message, hint) => {
    const { code, stdout, stderr } = await herm(words, { key: "a-key-of-tests" });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(`error: ${message}`);
    expect(stderr).toContain(`\nhint: ${hint}`);
  });

  it("is reported as JSON on request", async () => {
    const { stderr } = await herm(["deployments", "list", "--status", "redy", "--json"]);
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: "usage",
        message: '--status must be one of provisioning, ready, error, not "redy"',
        hint: "did you mean ready?",
      },
    });
  });
});
