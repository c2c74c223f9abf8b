import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { topics } from "../src/help/topics.js";
import { pictures as described } from "./screens/pictures.js";
import { readPicture } from "./screens/svg.js";
import { startDocumentedWorld } from "./support/documented-world.js";
import { herm, startServer, temporaryFolder } from "./support/harness.js";
import { parseLine } from "./support/parse-command.js";
import { shellLines } from "./support/shell-line.js";
import { commandsOfTopics } from "./support/topics.js";
import { withPart } from "./support/written-part.js";

const root = join(import.meta.dirname, "..");
const readme = readFileSync(join(root, "README.md"), "utf8");

/** By path: the rooms' own pages, and the page for users. */
const documents = new Map(
  [
    "README.md",
    // herm's own output has separate tests, in test/help and test/skill.
    ...["src", "test"]
      .flatMap((folder) => pathsBelow(folder, ".md"))
      .filter((path) => !path.startsWith("src/help/")),
  ].map((path) => [path, readFileSync(join(root, path), "utf8")]),
);
const all = [...documents.values()].join("\n");

const fenced = [...all.matchAll(/^```(\w*)\n(.*?)^```$/gms)];

function blocks(language: string): string[] {
  return fenced.filter(([, name]) => name === language).map(([, , text = ""]) => text);
}

function pathsBelow(folder: string, ending: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(ending))
    .map((path) => `${folder}/${path}`);
}

const typed = (screen: string) =>
  [...screen.replaceAll(/\\\n\s*/g, "").matchAll(/^\$ (herm .*)$/gm)].map(([, line = ""]) => line);

const pictures = [...readme.matchAll(/!\[([^\]]*)\]\(([\w./-]+\.svg)\)/g)].map(
  ([, alternative, path = ""]) => ({
    alternative,
    path,
    ...readPicture(readFileSync(join(root, path), "utf8")),
  }),
);

const shell = blocks("sh").flatMap(shellLines);
const screens = [...blocks(""), ...pictures.map(({ text }) => text)].flatMap(typed);
const spans = [...all.replaceAll(/^```.*?^```$/gms, "").matchAll(/`(herm [^`]+)`/g)]
  .map(([, line = ""]) => line)
  .filter((line) => !line.includes("…"));

const lines = [...new Set([...shell, ...screens, ...spans, ...(await commandsOfTopics())])]
  .map((line) => line.replace(/^(npm run -s herm --|npx herm-cli) /, "herm ").replace(/^.*&& /, ""))
  // The pipelines' own test passes the job's flags.
  .map((line) => line.replaceAll("$TARGET", "prod").replace(/ (\$ADOPT_FLAGS|\$\(cat prod\/flags\))$/, ""))
  .filter((line) => /(^|\| )herm /.test(line));

/** The exit code of a line, unless it is 0: because nobody can be asked, or because it found what it checks for. */
const endings: ReadonlyMap<string, number> = new Map([
  ["herm automations list --all-deployments --overdue --failing --waiting --unexpected --exit-code", 9],
  ["herm automations list --all-deployments --failing --overdue --waiting --exit-code -o json", 9],
  ["herm status --new", 9],
  ["herm status --new --quiet", 9],
  ["herm status --new --output json", 9],
  ["herm status --new --quiet >>slack.new", 9],
  ["herm status --new --quiet >>pagerduty.new", 9],
  ["herm automations create", 2],
  ["herm automations delete", 2],
  [
    'herm automations update --all-deployments --if-schedule "every Monday at 9am" --schedule "every Monday at 8:30"',
    2,
  ],
  ["herm automations update --all-deployments --replace five --with six", 2],
  ["herm automations pause --all-deployments --incident INC-1", 2],
  ['herm automations pause --all-deployments --incident INC-42 --reason "bad model"', 2],
  ["herm automations resume --incident INC-42", 2],
  ['herm automations resume --incident INC-42 --except "Report*"', 2],
  ["herm incidents close INC-42", 2],
  ["herm lint", 2],
  ["herm adopt", 2],
  ["herm adopt --forget dep_9mW3x1", 2],
  ["herm runs watch <run>", 11],
  ["herm runs watch <run> -o jsonl", 11],
  ["herm runs watch <run> --follow-timeout 10m -o json", 11],
  ["herm runs answer --all-deployments", 2],
  ['herm runs answer --text yes --match "Weekly*" --all-deployments', 2],
  ["herm auth login", 2],
]);

/**
 * These run until they are stopped, need a terminal, open an editor or start the local server; the named tests run
 * them.
 */
const elsewhere: readonly [RegExp, string][] = [
  [/^herm top/, "test/terminal/top.test.ts"],
  [/\| while read|"\$run"/, "test/help/tasks.test.ts"],
  [/^herm undo$/, "test/commands/undo.test.ts"],
  [/--watch/, "test/output/watch.test.ts"],
  [/^herm dev/, "test/dev-server/command.test.ts"],
  [/--local/, "test/dev-server/owner.test.ts"],
  [/--profile example/, "test/dev-server/example.test.ts"],
  [/--edit/, "test/prompts/editor.test.ts"],
];

describe("a command line in a README or topic", () => {
  it("is found throughout the pages", () => {
    expect([shell, screens, spans].map((found) => found.length > 0)).toEqual([true, true, true]);
    expect(lines.length).toBeGreaterThan(80);
  });

  it.each(lines)("%s is accepted exactly as written", async (line) => {
    expect(await parseLine(line.replaceAll(/<(\w+)>/g, "$1_1"))).not.toEqual([]);
  });

  it.each(lines.filter((line) => !elsewhere.some(([pattern]) => pattern.test(line))))(
    "%s works as described",
    async (line) => {
      const world = await startDocumentedWorld();
      const { code, stderr } = await world.runLine(line);
      expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({
        code: endings.get(line) ?? 0,
        stderr: code === 0 ? "" : stderr,
      });
    },
  );
});

describe("the small version of herm in the README", () => {
  it("stays within 60 files and 6,000 lines", () => {
    const [, listed = ""] = documents.get("src/README.md")?.split(/^## .*$/m) ?? [];
    const files = [...listed.matchAll(/`(src\/[\w./-]+\.ts)`/g)].map(([, file = ""]) => file);
    const lines = files.flatMap((file) => readFileSync(join(root, file), "utf8").trimEnd().split("\n"));
    expect(files.length).toBeGreaterThan(30);
    expect(files.length).toBeLessThanOrEqual(60);
    expect(lines.length).toBeLessThanOrEqual(6_000);
  });
});

describe("the README", () => {
  it("has at most 160 lines", () => {
    expect(readme.trimEnd().split("\n").length).toBeLessThanOrEqual(160);
  });

  it("starts with two lines that need no setup", () => {
    const [, first = ""] = /^```sh\n(.*?)^```$/ms.exec(readme) ?? [];
    expect(first.match(/^[^#\n]*[^#\s]/gm)).toEqual(["npm ci && npm run demo", "npm ci && npm test"]);
  });

  it("imports another scheduler's file, if jq is installed", async ({ skip }) => {
    const [, program = ""] =
      /`jq '(.+?)' jobs\.json \| herm apply --file - --deployment <id>`/.exec(readme) ?? [];
    const jobs = JSON.stringify([{ name: "A", cron: "0 9 * * 1", prompt: "Do it." }]);
    const jq = spawnSync("jq", [program], { input: jobs, encoding: "utf8" });
    skip(jq.error !== undefined);
    const server = await startServer();
    const words = ["apply", "--file", "-", "--deployment", "dep_local"];
    const applied = await herm(words, { server, stdin: jq.stdout, home: temporaryFolder() });
    expect(applied).toMatchObject({ code: 0, stderr: expect.stringContaining("Plan: 1 to create") });
  });

  it("shows pictures with alternative text", () => {
    expect(pictures.map(({ alternative }) => alternative)).toEqual(pictures.map(({ title }) => title));
    expect(pictures.map(({ path }) => path).toSorted()).toEqual(
      Object.keys(described)
        .map((name) => `test/screens/${name}.svg`)
        .toSorted(),
    );
    // A command that uses the whole screen leaves no line for the typed command.
    const isWhole = (title: string | undefined) =>
      Object.values(described).some((picture) => picture.title === title && picture.rows !== undefined);
    expect(pictures.filter(({ text, title }) => !isWhole(title) && typed(text).length === 0)).toEqual([]);
  });

  it("lists every help topic with its subject", () => {
    const listed = topics.map(({ name, summary }) => `- \`${name}\`: ${summary}`);
    expect(readme.match(/^- `[\w-]+`: .*$/gm)).toEqual(listed);
  });

  it("promises only measured figures, each of them on a linked page", () => {
    const rows = [...readme.matchAll(/^\|.+\| (.+?) +\| \[\w+\]\((test\/soak\/README\.md)#/gm)];
    const counts = rows.flatMap(([, measured = "", path = ""]) =>
      (measured.match(/\d[\d,]*(?:\/\d+)?/g) ?? []).map((count) => ({ count, path })),
    );
    expect(counts.length).toBeGreaterThan(10);
    expect(counts.filter(({ count, path }) => !documents.get(path)?.includes(` ${count} `))).toEqual([]);
  });
});

describe("each README", () => {
  it("names only existing npm scripts", () => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(
      readFileSync(join(root, "package.json"), "utf8"),
    );
    const named = [...all.matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, name = ""]) => name);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  it.each([...documents])("%s names only existing files", (path, text) => {
    const spans = [...text.matchAll(/`((?:\.build|\w)[\w./-]*(?:\/|\.(?:ts|mjs|cjs|json|md)))`/g)].map(
      ([, name = ""]) => name,
    );
    const links = [...text.matchAll(/\]\(([\w./-]+)(?:#[\w-]+)?\)/g)].map(([, name = ""]) => name);
    const named = path === "README.md" ? spans.filter((name) => /^(src|test|bin)\//.test(name)) : spans;
    expect(named.length + links.length).toBeGreaterThan(0);
    const isThere = (name: string) =>
      existsSync(join(root, name)) || existsSync(join(root, dirname(path), name));
    expect([...named, ...links].filter((name) => !isThere(name))).toEqual([]);
  });

  it("contains every heading that links point to", () => {
    const links = [...documents].flatMap(([path, text]) =>
      [...text.matchAll(/\]\(([\w./-]*)#([\w-]+)\)/g)].map(([, file = "", heading = ""]) => ({
        path: file === "" ? path : join(dirname(path), file),
        heading,
      })),
    );
    const headings = ({ path }: { path: string }) =>
      [...(documents.get(path) ?? "").matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) => anchorOf(title));
    expect(links.length).toBeGreaterThan(0);
    expect(links.filter((link) => !headings(link).includes(link.heading))).toEqual([]);
  });
});

describe("a script's output in a README", () => {
  const modules = readdirSync(join(root, "test/soak"))
    .filter((file) =>
      /^export async function soak\(/m.test(readFileSync(join(root, "test/soak", file), "utf8")),
    )
    .map((file) => file.replace(/\.ts$/, ""));

  it.each([
    ["test/soak/README.md", modules],
    ["test/bench/README.md", ["node", "executable"]],
  ])("has a place in %s: %j", (path, names) => {
    const text = documents.get(path) ?? "";
    const places = [...text.matchAll(/^<!-- ([\w-]+) -->$/gm)].map(([, name]) => name);
    expect(places.toSorted()).toEqual(names.toSorted());
    for (const name of names) {
      const written = withPart(text, { name, content: "| a | b |\n" });
      expect(written).toContain(`<!-- ${name} -->\n\n| a | b |\n\n<!-- /${name} -->`);
      expect(withPart(written, { name, content: "| a | b |" })).toBe(written);
    }
  });

  it("is rejected if there is no place for it", () => {
    expect(() => withPart("# A page", { name: "node", content: "" })).toThrow("there is no place for node");
  });
});

/** A heading's anchor in an address, as GitHub makes it. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, "")
    .replaceAll(" ", "-");
}

/** The rules that comments refer to: `src/output/README.md, "The formats"`, or only the file. */
const pointer = /(\b(?:[\w-]+\/)*[\w-]+\.md)(?:(?:, | \()"([^"]+)")?/g;

describe("a comment in the source", () => {
  it("refers only to existing READMEs and headings", () => {
    const sources = ["src", "test", "bin", ".build"].flatMap((folder) =>
      [".ts", ".cjs", ".mjs"].flatMap((ending) => pathsBelow(folder, ending)),
    );
    const found = sources.flatMap((path) => {
      const source = readFileSync(join(root, path), "utf8");
      const comments = [...source.matchAll(/^\s*\/\*.*?\*\/|^\s*\/\/[^\n]*$/gms)].map(([text]) => text);
      const text = comments.join("\n").replaceAll(/\n\s*(?:\*|\/\/)? ?/g, " ");
      return [...text.matchAll(pointer)].map(([, readme = "", heading]) => ({ path, readme, heading }));
    });
    const wrong = found.filter(({ readme, heading }) => {
      const lines = documents.get(readme)?.split("\n");
      return lines === undefined || (heading !== undefined && !lines.includes(`## ${heading}`));
    });
    expect(wrong).toEqual([]);
    expect(found.filter(({ heading }) => heading !== undefined).length).toBeGreaterThan(50);
  });
});
