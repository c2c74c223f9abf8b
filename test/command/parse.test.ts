import { describe, expect, it } from "vitest";
import { type NamedFlag, namedFlags } from "../../src/command/flags.js";
import { parseLine } from "../../src/command/parse.js";
import { allCommands } from "../../src/command/tree.js";
import { globalFlags, readGlobalFlags } from "../../src/command-line/global-flags.js";
import { declarations } from "../support/declarations.js";
import { herm } from "../support/harness.js";

/**
 * The meaning of a line: its command, arguments and flags, the global flags given, or the command whose help it
 * requests.
 */
async function read(words: readonly string[]) {
  const { nodes, given, globals, help, isVersion, refusal } = await parseLine(words);
  if (isVersion) return "version";
  if (help !== undefined) return `${help.isWhole ? "whole help" : "help"} of ${help.of.join(" ")}`.trim();
  if (refusal !== undefined) throw refusal;
  const flags = Object.entries({ ...readGlobalFlags(globals), ...given.flags });
  const isGiven = (value: unknown) =>
    value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);
  return [
    nodes.map(({ name }) => name).join(" "),
    given.arguments,
    Object.fromEntries(flags.filter(([, value]) => isGiven(value))),
  ];
}

const wordsOf = (line: string) => line.split(" ").filter((word) => word !== "");
const update = (more: Record<string, unknown>) => ["automations update", [["x"]], more];
const list = (more: Record<string, unknown>) => ["automations list", [], more];

describe("a command line", () => {
  it.each([
    ["automations list", list({})],
    ["auto ls", list({})],
    ["automation list", list({})],
    ["-d A automation -d B list -d C", list({ deployments: ["A", "B", "C"] })],
    ["automations list -dA -d=B --deployment=C", list({ deployments: ["A", "B", "C"] })],
    ["automations list -d =A -d==B", list({ deployments: ["=A", "=B"] })],
    ["automations list -ojson", list({ output: "json" })],
    ["automations list -o=json", list({ output: "json" })],
    ["automations list -qo json", list({ output: "json", quiet: true })],
    ["-qojson automations list", list({ output: "json", quiet: true })],
    ["automations list --json -o name", list({ output: "name" })],
    ["--timeout 1m30s automations --max-wait=2m list", list({ timeoutMs: 90_000, maxWaitMs: 120_000 })],
    [
      "--debug --local --no-color --no-input automations list",
      list({ debug: true, local: true, noColor: true, noInput: true }),
    ],
    [
      "--profile p --api-url http://localhost:1 automations list",
      list({ profile: "p", apiUrl: "http://localhost:1" }),
    ],
    ["automations update x --name y", update({ name: "y" })],
    ["automations update --name=y x", update({ name: "y" })],
    ["update x --name y", update({ name: "y" })],
    ["--json ls -d A", list({ output: "json", deployments: ["A"] })],
    ["automations update x --name -x", update({ name: "-x" })],
    ["automations update x --name -", update({ name: "-" })],
    ["automations update x --name= ", update({ name: "" })],
    ["automations update x --name=--yes", update({ name: "--yes" })],
    ["automations update x --name a --name b", update({ name: "b" })],
    ["automations update x --except a --except b", update({ except: ["a", "b"] })],
    ["automations update -v x", update({ verbose: true })],
    ["-v automations update x", update({ verbose: true })],
    ["--verbose automations update x", update({ verbose: true })],
    ["automations get -- -x", ["automations get", ["-x"], {}]],
    ["automations trigger -5", ["automations trigger", [["-5"]], {}]],
    ["automations pause -- -d --json", ["automations pause", [["-d", "--json"]], {}]],
    ["automations trigger x --no-follow", ["automations trigger", [["x"]], {}]],
    ["automations apply -f=a -fb -f c", ["apply", [], { file: ["a", "b", "c"] }]],
    ["-d A automation apply", ["apply", [], { deployments: ["A"] }]],
    ["dev fault list", ["dev fault list", [], {}]],
    ["--version", "version"],
    ["-v --local", "version"],
    ["-q", "help of"],
    ["automations", "help of automations"],
    ["--help automations list", "help of automations list"],
    ["automations -h list", "help of automations list"],
    ["automations get a b c -h", "help of automations get"],
    ["-v automations list --help", "whole help of automations list"],
    ["automations update --help -v", "whole help of automations update"],
    ["automations help list -v", "whole help of automations list"],
    ["automations list -qh", "help of automations list"],
  ])("may be: %s", async (line, reading) => {
    expect(await read(wordsOf(line))).toEqual(reading);
  });

  it.each(["-d is a flag", "- send", "- one\n- two", "a --json -d x", "-o\tjson", "=x"])(
    "may contain the text %j as is",
    async (text) => {
      expect(await read(["automations", "create", "--instructions", text, "--json"])).toEqual([
        "automations create",
        [],
        { instructions: text, output: "json" },
      ]);
    },
  );

  it.each<[line: string, message: string, hint?: string]>([
    ["automations create --name --yes", "--name needs a value, not --yes", "to use that value: --name=--yes"],
    ["automations create --name -d X", "--name needs a value, not -d", "to use that value: --name=-d"],
    [
      "automations create --name --local=1",
      "--name needs a value, not --local=1",
      "to use that value: --name=--local=1",
    ],
    ["automations create --name -- x", "--name needs a value, not --", "to use that value: --name=--"],
    ["-d --local automations list", "-d needs a value, not --local", "to use that value: -d=--local"],
    ["automations list -qd --yes", "-qd needs a value, not --yes", "to use that value: -qd=--yes"],
    ["automations create --name", "--name needs a value"],
    ["automations list -d", "-d needs a value"],
    ["automations list -d=", "--deployment needs a value, not an empty one"],
    ["automations list --json=yes", "--json doesn't accept a value"],
    ["automations list -q=yes", "-q doesn't accept a value"],
    ["automations list --paused=no", "--paused doesn't accept a value"],
    ["automations list -o xml", '--output must be one of table, json, jsonl, name, not "xml"'],
    [
      "automations list --timeout soon",
      '--timeout must be a duration such as 90s, 15m, 24h or 7d, not "soon"',
    ],
    ["automations list --timeout 0s", '--timeout must be a duration such as 90s, 15m, 24h or 7d, not "0s"'],
    [
      "automations list -qx",
      "unknown flag -x",
      "to see the flags of this command, add --help; put text that starts with - after --",
    ],
    [
      "--match x automations list --paused",
      "--match goes after the command",
      "use herm automations list --match x --paused",
    ],
    ["automations --match=x list", "--match goes after the command", "use herm automations list --match=x"],
    [
      "--all-deployments run list",
      "--all-deployments goes after the command",
      "use herm runs list --all-deployments",
    ],
    ["--match x automations get", "--match goes after the command"],
    ["dev --port 1 status", "--port goes after the command"],
    ["dev --undo reset", "--undo goes after the command", "use herm dev reset --undo"],
    ["--profil p automations list", "unknown flag --profil", "did you mean --profile?"],
    ["--version automations list", "unknown flag --version", "to print the version: herm --version"],
    [
      "-v automations",
      "unknown flag -v",
      "to see the flags of this command, add --help; put text that starts with - after --",
    ],
    [
      "-v top",
      "unknown flag -v",
      "to see the flags of this command, add --help; put text that starts with - after --",
    ],
    ["run Daily", 'unknown command "run"', "use herm automations trigger Daily"],
    ["-d X run", 'unknown command "run"', "use herm automations trigger -d X"],
    [
      "automations apply x",
      "too many arguments: herm apply takes none",
      "put -f before each file or folder: herm apply -f <file>",
    ],
    ["deployments use", "<id|name> is missing", "usage: herm deployments use <id|name>"],
    ["dev foo", "too many arguments: herm dev takes none", "usage: herm dev"],
  ])("may not be: %s: %s", async (line, message, hint) => {
    const { code, stdout, stderr } = await herm(wordsOf(line));
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toBe(`error: ${message}\n${hint === undefined ? "" : `hint: ${hint}\n`}`);
  });
});

describe("a usage error", () => {
  it.each(["-ojson", "-qojson", "-o json", "--output=json", "--json"])(
    "is JSON if requested by %s",
    async (asked) => {
      const { stderr } = await herm(wordsOf(`automations list --bogus ${asked}`));
      expect(JSON.parse(stderr).error.message).toBe("unknown flag --bogus");
    },
  );

  it("reports a key in an argument before surplus arguments", async () => {
    const { code, stderr } = await herm(["auth", "login", "key-of-tests"], { key: "key-of-tests" });
    expect(code).toBe(2);
    expect(stderr).toContain("an API key is in an argument");
  });
});

const commands = allCommands().map((nodes) => {
  const path = nodes.map(({ name }) => name);
  const declaration = declarations[path.join(" ")];
  const needed = Object.values(declaration?.arguments ?? {}).filter(({ isRequired }) => isRequired);
  return { path, node: nodes.at(-1), needed: needed.map(() => "x"), flags: namedFlags(declaration?.flags) };
});

describe("every command", () => {
  it("accepts shared flags anywhere, even between the words of its name", async () => {
    for (const { path, node, needed } of commands) {
      const [first = "", ...others] = path;
      const expected = await read([...path, ...needed, "-d", "A", "-ojson"]);
      const forms = [
        ["-d", "A", "-ojson", ...path, ...needed],
        ["-o=json", first, "-d=A", ...others, ...needed],
        ...(node?.alias === undefined
          ? []
          : [[...path.slice(0, -1), node.alias, "-dA", "--json", ...needed]]),
        ...(node?.formerly === undefined ? [] : [["-d", "A", node.formerly, "--json", ...path, ...needed]]),
        ...(first === "automations" && others[0] !== "update"
          ? [["-d", "A", ...others, "--json", ...needed]]
          : []),
      ];
      for (const words of forms) expect(await read(words), words.join(" ")).toEqual(expected);
    }
  });

  it("accepts a flag's value that starts with -, but not another flag's name", async () => {
    const taking = commands.flatMap(({ path, needed, flags }) =>
      [...flags, ...globalFlags]
        .filter(({ valueName }) => valueName !== undefined)
        .map(({ long }): [words: string[], flag: string] => [[...path, ...needed, long], long]),
    );
    expect(taking.length).toBeGreaterThan(60);
    for (const [words, flag] of taking) {
      await expect(parseLine([...words, "--json"]), words.join(" ")).rejects.toThrow(
        `${flag} needs a value, not --json`,
      );
      const { given, globals } = await parseLine([...words, "-x"]);
      expect(JSON.stringify([given.flags, globals]), words.join(" ")).toContain('"-x"');
    }
  });

  it("reports a wrong flag before a wrong name", async () => {
    for (const { path, flags } of commands) {
      const own = flags.filter((flag: NamedFlag) => flag.long !== "--verbose");
      for (const { long } of own) await expect(parseLine([long, ...path])).rejects.toThrow(long);
    }
  });
});
