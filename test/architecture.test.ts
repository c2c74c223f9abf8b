import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { formatNames } from "../src/output/formats/formats.js";

const src = join(import.meta.dirname, "..", "src");

interface Source {
  file: string;
  text: string;
}

const sources: Source[] = readdirSync(src, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => ({ file, text: readFileSync(join(src, file), "utf8") }));

interface Import {
  file: string;
  target: string;
  isDynamic: boolean;
  isType: boolean;
}

function importsOf({ file, text }: Source): Import[] {
  const found = [...text.matchAll(/(import type|import|export)\s[^;"]*?from "([^"]+)"|import\("([^"]+)"\)/g)];
  return found.map(([, kind, fixed, dynamic]) => {
    const specifier = fixed ?? dynamic ?? "";
    const target = specifier.startsWith(".")
      ? relative(src, normalize(join(src, dirname(file), specifier))).replace(/\.js$/, ".ts")
      : specifier;
    return { file, target, isDynamic: dynamic !== undefined, isType: kind === "import type" };
  });
}

const imports = sources.flatMap(importsOf);

const roomOf = (path: string): string =>
  path.includes("/") ? (path.split("/")[0] ?? "") : path.replace(/\.ts$/, "");
const isOurs = (target: string): boolean => target.endsWith(".ts");

/** Rooms that code shared by commands may import; commands may import these and two more. */
const ofOperations = [
  "changes",
  "fleet",
  "history",
  "incident",
  "manifest",
  "runs",
  "schedule",
  "output",
  "settings",
  "api",
  "errors",
  "context",
  "prompts",
  "invocation",
  "command",
  "command-line",
  "files",
];

/**
 * The rooms that each room may import. Types of the shared shapes (context, settings) may be imported anywhere except
 * in api, schedule and dev-server.
 */
const allowed: Record<string, readonly string[]> = {
  api: [],
  errors: ["api"],
  context: ["api", "settings"],
  schedule: ["errors"],
  output: ["errors", "api", "schedule", "settings", "context"],
  settings: ["files", "errors", "context"],
  fleet: ["files", "api", "errors", "context", "settings"],
  manifest: ["files", "changes", "fleet", "api", "schedule", "errors", "settings", "context"],
  incident: [
    "files",
    "changes",
    "fleet",
    "history",
    "runs",
    "api",
    "schedule",
    "errors",
    "settings",
    "context",
  ],
  changes: ["files", "api", "schedule", "settings", "errors", "context"],
  history: ["files", "changes", "fleet", "runs", "output", "api", "errors", "settings", "context"],
  runs: ["files", "changes", "fleet", "output", "api", "schedule", "errors", "settings", "context"],
  "dev-server": ["api", "schedule", "errors"],
  operations: ofOperations,
  commands: ["operations", "help", ...ofOperations],
  command: ["command-line", "context", "errors"],
  "command-line": ["errors", "output", "settings"],
  files: ["errors", "context"],
  prompts: ["api", "command-line", "context", "errors", "files", "output"],
  startup: ["files"],
  help: ["command", "command-line", "output", "schedule", "errors", "context"],
  invocation: [
    "dev-server",
    "operations",
    "help",
    "command",
    "command-line",
    "prompts",
    "fleet",
    "output",
    "schedule",
    "settings",
    "files",
    "context",
    "errors",
    "api",
  ],
};

/** Has no imports, so that any code that reads JSON may import it. */
const ofAll = "api/json.ts";

function grouped(pairs: readonly (readonly [string, string])[]): Map<string, string[]> {
  const targets = new Map<string, string[]>();
  for (const [from, to] of pairs) targets.set(from, [...(targets.get(from) ?? []), to]);
  return targets;
}

/** Rooms that can reach each other: `a ↔ b`. */
function circles(targets: ReadonlyMap<string, readonly string[]>): string[] {
  const reached = new Map([...targets.keys()].map((from) => [from, reach(from)]));
  const together = [...reached.keys()].map((from) =>
    [...reached.keys()].filter((to) => reached.get(from)?.has(to) && reached.get(to)?.has(from)),
  );
  return [...new Set(together.filter(({ length }) => length > 1).map((each) => each.toSorted().join(" ↔ ")))];

  function reach(from: string): Set<string> {
    const found = new Set<string>();
    const open = [from];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const to of targets.get(next) ?? []) {
        if (!found.has(to)) open.push(to);
        found.add(to);
      }
    }
    return found;
  }
}

const readsProcess = /\bprocess\.(env|argv|stdin|stdout|stderr|exit|cwd|on|pid|kill)\b/;
const namesOfProcess = /import \{[^}]*\} from "(?:node:)?process"/;
const writesOut = /std(out|err)\.write\(|console\./;
const takesStream = /\bsinkOf\(/;
const comparesFormat = new RegExp(`(?:[!=]==|\\bcase) "(?:${formatNames.join("|")})"`);
const sendsChange = /\.automations\s*\.(create|update|delete)\(/;
const judgesMissing = /\bsaysNotThere\(/;
const makesClient = /new HermClient\(/;
const printsJson = /\.(out|line|err)\([^;]*JSON\.stringify/;

describe("the import rules", () => {
  it.each(Object.entries(allowed))("let %s import only its listed rooms and packages", (room, mayImport) => {
    const offending = imports
      .filter(({ file, target }) => roomOf(file) === room && isOurs(target) && roomOf(target) !== room)
      .filter(({ target }) => target !== ofAll && !mayImport.includes(roomOf(target)))
      .filter(
        ({ file, target, isDynamic }) =>
          !(file.startsWith("commands/dev/") && roomOf(target) === "dev-server" && isDynamic),
      );
    expect(offending).toEqual([]);
  });

  it("include a rule for every room", () => {
    const rooms = sources.map(({ file }) => file).filter((file) => file.includes("/"));
    expect([...new Set(rooms.map(roomOf))].toSorted()).toEqual(Object.keys(allowed).toSorted());
  });

  it("keep code shared by commands in folders, not beside them", () => {
    const loose = sources.map(({ file }) => file).filter((file) => /^commands\/[^/]+$/.test(file));
    expect(loose.toSorted()).toEqual(["commands/command-tree.ts", "commands/commands.ts"]);
  });

  it("limit every file to 400 lines", () => {
    const long = sources.filter(({ text }) => text.split("\n").length - 1 > 400);
    expect(long.map(({ file }) => file)).toEqual([]);
  });

  it.each([
    ["no files", "a → b, a → c, b → c", []],
    ["two files", "a → b, b → a, b → c", ["a ↔ b"]],
    ["three files", "a → b, a → d, b → c, c → a, d → e", ["a ↔ b ↔ c"]],
  ])("detect cycles: %s that import each other", (_, drawn, expected) => {
    const pairs = drawn.split(", ").map((pair) => pair.split(" → "));
    expect(circles(grouped(pairs.map(([file = "", target = ""]) => [file, target])))).toEqual(expected);
  });

  it("find no cycle of files, including types and dynamic imports", () => {
    const own = imports.filter(({ target }) => isOurs(target));
    expect(own.length).toBeGreaterThan(1000);
    expect(circles(grouped(own.map(({ file, target }) => [file, target])))).toEqual([]);
  });

  // Apart from the types of the shared shapes, which every room may use.
  it("arrange rooms in layers without cycles, even of types", () => {
    const between = imports
      .filter(({ target, isDynamic }) => isOurs(target) && !isDynamic)
      .filter(({ target, isType }) => !(isType && ["context", "errors", "settings"].includes(roomOf(target))))
      .map(({ file, target }) => [roomOf(file), roomOf(target)] as const)
      .filter(([room, below]) => room !== below);
    expect(between.length).toBeGreaterThan(100);
    expect(circles(grouped(between))).toEqual([]);
  });

  it.each([
    ["commander", /^command\/parse\.ts$/],
    ["chalk", /^output\/style\.ts$/],
    ["cli-table3", /^output\/block\.ts$/],
    ["cronstrue", /^schedule\/describe\.ts$/],
    ["eventsource", /^api\/event.*\.ts$/],
    ["conf", /^settings\/save\.ts$/],
    ["libsql", /^dev-server\/store.*\.ts$/],
    ["yaml", /^manifest\/.*\.ts$/],
    ["@inquirer", /^prompts\/.*\.ts$/],
  ])("allow %s in a single place", (library, place) => {
    const importers = imports
      .filter(({ target }) => target.split("/")[0] === library)
      .map(({ file }) => file);
    expect(importers).not.toEqual([]);
    expect(importers.filter((file) => !place.test(file))).toEqual([]);
  });

  const heavy = [
    "chalk",
    "cli-table3",
    "cronstrue",
    "eventsource",
    "conf",
    "diff",
    "yaml",
    "libsql",
    "api/transport/tunnel.ts",
    "prompts/line-prompts.ts",
    "prompts/inquirer.ts",
  ];

  it.each(heavy)("load %s only when needed", (library) => {
    const importers = imports.filter(({ target, isType }) => target === library && !isType);
    expect(importers).not.toEqual([]);
    expect(importers.filter(({ isDynamic }) => !isDynamic)).toEqual([]);
  });

  it.each([
    [
      "reads process only at the edges",
      "",
      ["api/index.ts", "dev-server/environment.ts", "invocation/system-context.ts"],
      readsProcess,
    ],
    // Some of it is missing on Windows, such as getuid, so that a module that imports it doesn't load there.
    ["imports no name from node:process", "", [], namesOfProcess],
    // These have the terminal to themselves while they ask.
    [
      "writes to stdout and stderr only through output",
      "output",
      ["prompts/inquirer.ts", "prompts/line-prompts.ts"],
      writesOut,
    ],
    // Their texts are herm's own or, in the report, made safe by output; all others use a printer.
    [
      "takes a bare stream only if it writes no foreign text",
      "output",
      ["help/print-help.ts", "invocation/invocation.ts", "invocation/report-error.ts", "main.ts"],
      takesStream,
    ],
    [
      "changes automations only after a check for concurrent changes",
      "dev-server",
      ["changes/once.ts", "changes/planned-change.ts"],
      sendsChange,
    ],
    ["compares formats only in their own room", "output", [], comparesFormat],
    // The guard checks changes to automations; the others run after it, or ask about a deployment.
    [
      "decides in a single place whether a 404 means deleted",
      "api",
      [
        "changes/planned-change.ts",
        "commands/automations/audit/collect-audit.ts",
        "commands/manifest/planning/plans.ts",
        "fleet/guard.ts",
        "fleet/read-many.ts",
        "manifest/state/file-targets.ts",
      ],
      judgesMissing,
    ],
    ["creates a client only with that guard", "api", ["invocation/invocation.ts"], makesClient],
  ])("require that source code %s", (_, exempt, places, pattern) => {
    const found = sources.filter(({ file, text }) => roomOf(file) !== exempt && pattern.test(text));
    expect(found.map(({ file }) => file).toSorted()).toEqual(places);
  });

  it.each([
    ["process.env.HOME", readsProcess],
    ["if (process.stdout.isTTY)", readsProcess],
    ['import { env, getuid } from "node:process"', namesOfProcess],
    ["console.log(text)", writesOut],
    ["io.stdout.write(text)", writesOut],
    ["const sink = sinkOf(io.stdout)", takesStream],
    ["await client.automations.delete(deployment_id, id)", sendsChange],
    ['if (settings.output === "json")', comparesFormat],
    ["if (saysNotThere(error)) return undefined", judgesMissing],
    ["const client = new HermClient({ apiKey })", makesClient],
    ["await printer.out(JSON.stringify(automation))", printsJson],
    ["printer.line(`${id} ${JSON.stringify(automation)}`)", printsJson],
  ])("detect a violation: %s", (text, pattern) => {
    expect(text).toMatch(pattern);
  });

  it("require that JSON is printed through output, which escapes control characters", () => {
    const printers = sources.filter(({ text }) => printsJson.test(text));
    expect(printers.filter(({ file }) => roomOf(file) !== "output")).toEqual([]);
  });
});
