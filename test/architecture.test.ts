import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { describe, expect, it } from "vitest";

const src = join(import.meta.dirname, "..", "src");
const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));

interface Import {
  file: string;
  target: string;
  isDynamic: boolean;
  isType: boolean;
}

const imports: Import[] = files.flatMap((file) => {
  const text = readFileSync(join(src, file), "utf8");
  const found = [...text.matchAll(/(import type|import|export)\s[^;"]*?from "([^"]+)"|import\("([^"]+)"\)/g)];
  return found.map(([, kind, fixed, dynamic]) => {
    const specifier = fixed ?? dynamic ?? "";
    const target = specifier.startsWith(".")
      ? relative(src, normalize(join(src, dirname(file), specifier))).replace(/\.js$/, ".ts")
      : specifier;
    return { file, target, isDynamic: dynamic !== undefined, isType: kind === "import type" };
  });
});

const roomOf = (path: string): string =>
  path.includes("/") ? (path.split("/")[0] ?? "") : path.replace(/\.ts$/, "");
const isOurs = (target: string): boolean => target.endsWith(".ts");

/** Which rooms each room may import; types of the shared shapes (context, settings) may be imported anywhere but in api, schedule and dev-server. */
const allowed: Record<string, readonly string[]> = {
  api: [],
  schedule: ["errors", "near-misses"],
  output: ["near-misses", "errors", "api", "schedule", "settings", "context"],
  settings: ["files", "near-misses", "errors", "context"],
  "run-view": ["api", "output", "errors", "context"],
  fleet: ["files", "near-misses", "api", "errors", "context", "settings"],
  manifest: ["files", "near-misses", "changes", "fleet", "api", "schedule", "errors", "settings", "context"],
  incident: ["files", "changes", "fleet", "api", "schedule", "errors", "settings", "context"],
  changes: ["files", "api", "schedule", "settings", "errors", "context"],
  runs: ["files", "api", "errors", "fleet", "settings", "context"],
  "dev-server": ["api", "schedule", "errors"],
  commands: [
    "changes",
    "fleet",
    "incident",
    "manifest",
    "run-view",
    "runs",
    "schedule",
    "output",
    "settings",
    "api",
    "errors",
    "context",
    "prompts",
    "report",
    "command",
    "command-line",
    "command-tree",
    "files",
    "help",
    "near-misses",
  ],
  command: ["command-line", "command-tree", "context", "errors"],
  "command-line": ["near-misses", "errors", "output", "settings"],
  files: ["errors", "context"],
  prompts: ["api", "command-line", "context", "errors", "files", "output"],
  startup: ["files"],
  help: ["command", "command-tree", "command-line", "output", "near-misses", "errors", "context"],
};

describe("the import rules", () => {
  it.each(Object.entries(allowed))("%s imports only what it may", (room, mayImport) => {
    const offending = imports
      .filter(({ file, target }) => roomOf(file) === room && isOurs(target) && roomOf(target) !== room)
      .filter(({ target }) => !mayImport.includes(roomOf(target)))
      .filter(
        ({ file, target, isDynamic }) =>
          !(file === "commands/dev/dev.ts" && roomOf(target) === "dev-server" && isDynamic),
      );
    expect(offending).toEqual([]);
  });

  it("has a rule for every room", () => {
    const rooms = files.filter((file) => file.includes("/")).map(roomOf);
    expect([...new Set(rooms)].filter((room) => allowed[room] === undefined)).toEqual([]);
  });

  it.each([
    ["commander", /^command\/parse\.ts$/],
    ["chalk", /^output\/style\.ts$/],
    ["cli-table3", /^output\/table\.ts$/],
    ["cronstrue", /^schedule\/describe\.ts$/],
    ["eventsource", /^api\/event.*\.ts$/],
    ["conf", /^settings\/conf-store\.ts$/],
    ["libsql", /^dev-server\/store.*\.ts$/],
    ["string-width", /^output\/width\.ts$/],
    ["yaml", /^manifest\/.*\.ts$/],
    ["@inquirer/prompts", /^prompts\/.*\.ts$/],
    ["@inquirer/core", /^prompts\/.*\.ts$/],
  ])("%s is imported in its one place", (library, place) => {
    const importers = imports.filter(({ target }) => target === library).map(({ file }) => file);
    expect(importers.filter((file) => !place.test(file))).toEqual([]);
  });

  it("loads what is heavy only when it is needed", () => {
    const heavy = [
      "chalk",
      "cli-table3",
      "cronstrue",
      "eventsource",
      "conf",
      "yaml",
      "@inquirer/prompts",
      "string-width",
      "libsql",
      "hono",
      "api/tunnel.ts",
    ];
    const eager = imports.filter(
      ({ target, isDynamic, isType, file }) =>
        heavy.includes(target) &&
        !isDynamic &&
        !isType &&
        roomOf(file) !== "dev-server" &&
        !file.startsWith("prompt"),
    );
    expect(eager).toEqual([]);
  });

  // conf-store.ts takes off the signal listeners that conf puts on the process.
  const edges = ["system-context.ts", "api/index.ts", "settings/conf-store.ts"];

  it("reads process only at the edges", () => {
    const readers = files.filter((file) =>
      /\bprocess\.(env|argv|stdin|stdout|stderr|exit|cwd|on|pid|kill)\b/.test(
        readFileSync(join(src, file), "utf8"),
      ),
    );
    expect(readers.filter((file) => !edges.includes(file))).toEqual([]);
  });

  // prompts/inquirer.ts owns the terminal while it asks.
  it("writes to stdout and stderr only through output", () => {
    const writers = files.filter((file) =>
      /std(out|err)\.write\(|console\./.test(readFileSync(join(src, file), "utf8")),
    );
    expect(writers.filter((file) => roomOf(file) !== "output" && file !== "prompts/inquirer.ts")).toEqual([]);
  });

  // Their texts are herm's own, or (the report's) made safe by output; everybody else has a printer.
  const rawWriters = ["main.ts", "invocation.ts", "report.ts", "help/print-help.ts"];

  it("takes a bare stream only where no foreign text is written", () => {
    const takers = files.filter((file) => /\bsinkOf\(/.test(readFileSync(join(src, file), "utf8")));
    expect(takers.filter((file) => roomOf(file) !== "output" && !rawWriters.includes(file))).toEqual([]);
  });

  it("changes automations only where what somebody else did meanwhile is looked for", () => {
    const clients = files.filter((file) => roomOf(file) !== "dev-server");
    const senders = clients.filter((file) =>
      /\.automations\s*\.(create|update|delete)\(/.test(readFileSync(join(src, file), "utf8")),
    );
    expect(senders.toSorted()).toEqual(["changes/once.ts", "changes/patch.ts", "changes/planned.ts"]);
  });

  it("prints JSON only as output writes it, which leaves nothing live in it", () => {
    const printers = files.filter((file) =>
      /\.(out|line|err)\([^;]*JSON\.stringify/.test(readFileSync(join(src, file), "utf8")),
    );
    expect(printers.filter((file) => roomOf(file) !== "output")).toEqual([]);
  });
});
