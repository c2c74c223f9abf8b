import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { namedFlags } from "../../src/command/flags.js";
import { globalFlags } from "../../src/command-line/global-flags.js";
import "../../src/commands/command-tree.js";
import { nodesAt } from "../../src/command/tree.js";
import { exitCodes } from "../../src/errors/cli-errors.js";
import { renderTopic } from "../../src/help/render-topic.js";
import { loadPage, loadTopic } from "../../src/help/topic-pages.js";
import { topics } from "../../src/help/topics.js";
import { startManifestServer } from "../commands/manifest-server.js";
import { declarations } from "../support/declarations.js";
import { herm, startServer } from "../support/harness.js";
import { commandsOfTopics, fileOfTopic, linesOf, rowsOf, textsOf } from "../support/topics.js";

const names = topics.map(({ name }) => name);

describe("a topic", () => {
  it.each(names)("%s is printed by herm help within 80 columns, without markup", async (name) => {
    const { code, stdout, stderr } = await herm(["help", name]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
    expect(stdout).not.toMatch(/`|undefined|\[object/);
    expect(stdout).toMatch(/^[A-Z].*[.]\n\n/);
  });

  it.each(names)("%s is the same in a pipe and on a terminal without colour", async (name) => {
    const piped = await herm(["help", name]);
    expect(await herm(["help", name], { tty: true, env: { NO_COLOR: "1" } })).toEqual(piped);
  });

  it.each(names)("%s fits a terminal of 40 columns, except for its sample files", async (name) => {
    const text = await loadTopic(name);
    const { stdout } = await herm(["help", name], { tty: true, columns: 40 });
    const asTheyAre = linesOf(text).map((line) => line.trim());
    const long = stdout
      .split("\n")
      .filter((line) => line.length > 40 && /\S\s+\S/.test(line.trim()) && !asTheyAre.includes(line.trim()));
    // A flag isn't separated from its value, as in every command line in help.
    expect(long.filter((line) => !/^ +("|--?\w[\w-]* |herm )/.test(line))).toEqual([]);
  });

  it("has bold headings with colour, and no other escape codes", async () => {
    const { stdout } = await herm(["help", "exit-codes"], {
      tty: true,
      env: { NO_COLOR: "", FORCE_COLOR: "1" },
    });
    expect(stdout).toContain("\u001b[1mIn scripts:\u001b[22m\n");
    expect(stdout.replaceAll(/\u001b\[(1|22)m/g, "")).toBe((await herm(["help", "exit-codes"])).stdout);
  });

  it.each(names)("%s has at most 900 words, and manifests 1,200", async (name) => {
    const text = await loadTopic(name);
    // The form of JSON objects is for looking up, not for reading.
    const prose = textsOf(text)
      .join("\n")
      .replaceAll(/\{".*\}/g, "");
    const words = prose.split(/\s+/).filter((word) => /[a-z]/i.test(word));
    expect(words.length).toBeGreaterThan(100);
    expect(words.length).toBeLessThanOrEqual(name === "manifests" ? 1200 : 900);
  });

  it("refers only to existing topics and commands", async () => {
    const texts = await Promise.all(names.map(loadTopic));
    const led = texts.flatMap(({ see }) => see);
    expect(led.length).toBeGreaterThan(names.length);
    const isThere = (words: string) =>
      names.includes(words) || nodesAt(words.split(" ")).length === words.split(" ").length;
    expect(led.filter((words) => !isThere(words))).toEqual([]);
  });

  it("has a unique name, and a lower-case summary without a full stop", () => {
    expect(new Set(names).size).toBe(names.length);
    for (const { summary } of topics) expect(summary).toMatch(/^[a-z].*[^.]$/);
  });
});

describe("herm help flags", () => {
  it("explains flags for every command and for selections", async () => {
    const { stdout } = await herm(["help", "flags"]);
    const choosing = namedFlags(declarations.top?.flags).filter(({ group }) => group === "Which ones");
    expect(choosing).toHaveLength(6);
    for (const { long } of [...choosing, ...globalFlags])
      expect(stdout).toMatch(new RegExp(`^ .*${long}\\b`, "m"));
  });
});

describe("a help page", () => {
  it.each(topics)("$name starts with its summary from the topic list", async ({ name, summary }) => {
    expect(await loadPage(name)).toMatch(new RegExp(`^# ${summary[0]?.toUpperCase()}${summary.slice(1)}\n`));
  });

  it("is rejected if it has an unknown placeholder", async () => {
    await expect(loadPage("skill")).rejects.toThrow("no help page has what an automation is");
  });

  it.each(names)("%s has no unfilled placeholder", async (name) => {
    expect(await loadPage(name)).not.toMatch(/^\{\{/m);
  });
});

describe("the rows of a topic", () => {
  it("list every exit code", async () => {
    const exitCodeRows = await rowsOf("exit-codes", "The codes");
    expect(exitCodeRows.map(([code]) => Number(code))).toEqual(Object.values(exitCodes));
  });

  it("list every environment variable that herm reads, and no other", async () => {
    const src = join(import.meta.dirname, "../../src");
    const sources = readdirSync(src, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts") && !path.startsWith("help/"))
      .map((path) => readFileSync(join(src, path), "utf8"));
    const read = sources.flatMap((source) =>
      [...source.matchAll(/\benv(?:\.|\(")([A-Z_]{2,})|\b((?:HERM|PRISM)_[A-Z_]+)/g)].map(
        ([, plain, own]) => plain ?? own ?? "",
      ),
    );
    const told = (await rowsOf("environment", "Variables")).flatMap(([name]) => name.split(", "));
    const alone = read.filter((name) => !told.includes(name) && !notSettings.includes(name));
    expect([...new Set(alone)]).toEqual([]);
    const all = sources.join("\n");
    expect(told.filter((name) => !all.includes(name.replace(/^XDG_.*_HOME$/, "XDG_")))).toEqual([]);
  });

  it("list every error code that herm returns, and no other", async () => {
    const src = join(import.meta.dirname, "../../src");
    const found = ["errors/cli-errors.ts", "invocation/report-error.ts", "files/file-error.ts"].flatMap(
      (path) => [
        ...readFileSync(join(src, path), "utf8").matchAll(
          /(?:super\(.*, |errorOf\([^"]*|\bcode: )"([a-z_]+)"/g,
        ),
      ],
    );
    // QuietExit ends without output.
    const given = new Set(found.map(([, code = ""]) => code).filter((code) => code !== "exit"));
    const errorCodeRows = await rowsOf("output", "Errors");
    expect(errorCodeRows.map(([code]) => code).toSorted()).toEqual([...given].toSorted());
  });
});

/** Who somebody is, and what is refused. */
const notSettings = ["HOME", "USER", "USERNAME", "NODE_TLS_REJECT_UNAUTHORIZED", "HERM_VAR_"];

describe("herm help", () => {
  it("lists the topics", async () => {
    const { stdout } = await herm(["help", "--verbose"]);
    const block = stdout.slice(stdout.indexOf("Topics (herm help <topic>):"));
    for (const name of names) expect(block).toContain(name);
  });

  it("topics lists each topic with its subject, in every format", async () => {
    const rows = topics.map(({ name, summary }) => ({ topic: name, summary }));
    expect((await herm(["help", "topics"])).stdout).toBe(
      rows.map(({ topic, summary }) => `${topic}\t${summary}\n`).join(""),
    );
    expect(JSON.parse((await herm(["help", "topics", "-o", "json"])).stdout)).toEqual(rows);
    expect((await herm(["help", "topics", "-o", "name"])).stdout).toBe(`${names.join("\n")}\n`);
    expect((await herm(["help", "topics"], { tty: true })).stdout).toMatch(/^TOPIC +SUMMARY\n/);
  });

  it.each([
    ["scheduels", "did you mean herm help schedules or herm help schedule?"],
    ["environmnet", "did you mean herm help environment?"],
    ["exitcodes", "did you mean herm help exit-codes?"],
    ["local", "did you mean herm help local-server?"],
    ["record", "to read about record: herm help gitops"],
    ["cron", "to read about cron: herm help schedules"],
    ["xyzzy", "to see the commands: herm --help; to see the topics: herm help topics"],
  ])("suggests, for %s, the nearest help: %s", async (word, hint) => {
    expect(await herm(["help", word])).toEqual({
      code: 2,
      stdout: "",
      stderr: `error: unknown command or topic "${word}"\nhint: ${hint}\n`,
    });
  });

  it.each(topics.flatMap(({ name, words = [] }) => words.map((word) => [word, name])))(
    "suggests, for %s, the topic %s, which explains it",
    async (word, name) => {
      const hint = `hint: to read about ${word}: herm help ${name}\n`;
      // A tired person who types `herm retry` means a command.
      const asCommand = word === "retry" ? [] : [[word]];
      for (const argv of [["help", word], ...asCommand]) expect((await herm(argv)).stderr).toContain(hint);
      const { stdout } = await herm(["help", name]);
      expect(stdout.toLowerCase()).toContain(word.slice(0, 4));
    },
  );

  it("is suggested for a topic typed as a command", async () => {
    const { code, stderr } = await herm(["environment"]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'error: unknown command "environment"\nhint: to read about environment: herm help environment\n',
    });
  });

  it("shows the help of a command typed after it", async () => {
    expect(await herm(["help", "incidents", "show"])).toEqual(await herm(["incidents", "show", "--help"]));
  });
});

describe("the layout of a topic", () => {
  const text = {
    about: ["One `herm x` two."],
    sections: [
      {
        title: "Things",
        blocks: [
          { list: ["a b c d e f g h i j k l m n o p q r"] },
          { rows: [["a name", "what it means"]] as const },
          { rows: [["a name that is much longer than others", "what it means"]] as const },
          { commands: [["herm runs list", "see runs"]] as const },
          { lines: "key: value\n\n  more: here" },
        ],
      },
    ],
    see: ["output"],
  };

  it("depends on the width", () => {
    expect(renderTopic({ summary: "things" }, text, { columns: 32 }).split("\n")).toEqual([
      "Things.",
      "",
      "One herm x two.",
      "",
      "Things:",
      "  - a b c d e f g h i j k l m n",
      "    o p q r",
      "",
      "  a name",
      "    what it means",
      "",
      "  a name that is much longer",
      "  than others",
      "      what it means",
      "",
      "    herm runs list",
      "        see runs",
      "",
      "    key: value",
      "",
      "      more: here",
      "",
      "See also:",
      "  herm help output",
      "",
    ]);
  });
});

describe("the manifest in herm help manifests", () => {
  it("uses every field of an automation, applies unchanged, and is stable", async () => {
    const { run, write, state } = await startManifestServer();
    const manifest = await fileOfTopic("manifests", "# herm.yaml");
    write({ "herm.yaml": manifest });
    const apply = ["apply", "--file", "herm.yaml", "--deployment", "dep_local"];
    expect(await run(apply)).toMatchObject({ code: 0 });
    expect(await state()).toMatchObject([{ name: "Weekly video variations", enabled: false }]);
    const same = await run(["diff", ...apply.slice(1)]);
    expect(same).toMatchObject({ code: 0, stdout: expect.stringMatching(/^no changes: 1 automation /) });
    const schema = JSON.parse((await run(["apply", "--print-schema"])).stdout);
    const fields = Object.keys(schema.$defs.automation.properties);
    expect(fields.filter((field) => !manifest.includes(`${field}:`))).toEqual([]);
  });

  it("contains values that apply unchanged", async () => {
    const { run, write, state } = await startManifestServer();
    write({ "herm.yaml": await fileOfTopic("manifests", "values:"), "texts/growth.md": "Grow." });
    const apply = ["apply", "--file", "herm.yaml", "--deployment", "dep_local", "--var", "zone=UTC"];
    expect(await run(apply)).toMatchObject({ code: 0 });
    expect(await state()).toMatchObject([
      { name: "Report of growth", schedule: "0 9 * * *", instructions: "Grow.", enabled: false },
    ]);
  });
});

describe("the requests in herm help local-server", () => {
  it("work on the local server", async () => {
    const lines = await fileOfTopic("local-server", "dev()");
    const calls = [...lines.matchAll(/^dev (\w+)(?: -d '([^']+)')?/gm)];
    expect(calls.map(([, path]) => path)).toEqual(["clock", "faults", "requests"]);
    const server = await startServer();
    for (const [, path = "", body] of calls) {
      const answer = await server.fetch(
        new Request(`http://127.0.0.1/_dev/${path}`, {
          headers: { authorization: `Bearer ${server.apiKey}`, "content-type": "application/json" },
          ...(body === undefined ? {} : { method: "POST", body }),
        }),
      );
      expect(answer.ok, path).toBe(true);
    }
  });
});

describe("the command lines of topics", () => {
  it("are found throughout the topics", async () => {
    expect((await commandsOfTopics()).length).toBeGreaterThan(20);
  });
});
