import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { readVariables } from "../../src/commands/manifest/file-flags.js";
import { plainText } from "../../src/manifest/values/variables.js";
import { badFiles } from "./bad-files.js";
import { filesIn as folder, mistakesOf, readIn as read } from "./reading.js";

const item = (name: string, rest = "") =>
  `  - name: ${name}\n    schedule: every day at 9am\n    instructions: x\n${rest}`;

describe("an invalid manifest", () => {
  it.each(badFiles)("is rejected, with all its mistakes listed: $title", async ({ make, says }) => {
    const path = make(folder());
    const said = (await mistakesOf(read([path]))).map((text) =>
      text.replace(`${path}:`, "").replace(path, ""),
    );
    const open = says.map((text) => (text.endsWith("…") ? expect.stringContaining(text.slice(0, -1)) : text));
    expect(said.slice(0, open.length)).toEqual(open);
    if (!says.some((text) => text.endsWith("…"))) expect(said).toHaveLength(says.length);
  });
});

describe("a valid manifest", () => {
  it("is read the same from YAML and JSON, with a byte order mark or CRLF", async () => {
    const yaml = [
      "deployments: [dep_1, Acme]",
      "automations:",
      "  - name: 'A: the first'",
      "    schedule: every Monday at 9am",
      "    instructions: |",
      "      Look.",
      "        Then think.",
      "    enabled: false",
      "    initial: true",
      "    formerly: B",
      "    id: a-1",
      "removed: [C]",
      "",
    ].join("\n");
    const json = JSON.stringify({
      $schema: "./schema.json",
      deployments: ["dep_1", "Acme"],
      automations: [
        {
          name: "A: the first",
          schedule: "every Monday at 9am",
          instructions: "Look.\n  Then think.\n",
          enabled: false,
          initial: true,
          formerly: "B",
          id: "a-1",
        },
      ],
      removed: ["C"],
    });
    const cwd = folder({
      "lf.yaml": yaml,
      "crlf.yml": `\ufeff${yaml.replaceAll("\n", "\r\n")}`,
      "json.json": json,
      "tabs.json": JSON.stringify(JSON.parse(json), null, "\t"),
    });
    const texts = await Promise.all(
      ["lf.yaml", "crlf.yml", "json.json", "tabs.json"].map(async (path) => {
        const { manifests } = await read([path], { cwd });
        return manifests.map(({ deployments, items, removed }) => ({
          deployments: deployments?.map(({ ref }) => ref),
          items: items.map(({ name, schedule, instructions, formerly, enabled, initial, id }) => ({
            texts: [name, schedule, instructions, formerly].map((text) => text && plainText(text)),
            rest: { enabled, initial, id },
          })),
          removed: removed.map(plainText),
        }));
      }),
    );
    expect(texts[0]).toEqual([
      {
        deployments: ["dep_1", "Acme"],
        items: [
          {
            texts: ["A: the first", "every Monday at 9am", "Look.\n  Then think.\n", "B"],
            rest: { enabled: false, initial: true, id: "a-1" },
          },
        ],
        removed: ["C"],
      },
    ]);
    for (const other of texts.slice(1)) expect(other).toEqual(texts[0]);
  });

  it("is read from several files, a folder and stdin, each once", async () => {
    const cwd = folder({
      "b.yaml": `automations:\n${item("B")}`,
      "sub/2.yml": `automations:\n${item("S2")}`,
      "sub/1.json": '{"removed": ["S1"]}',
      "sub/.hidden.yaml": "not: read",
      "sub/notes.md": "not read",
      "sub/deeper/3.yaml": "not: read",
    });
    const stdin = Readable.from([Buffer.from("automations:\n"), Buffer.from(item("P"))]);
    const { manifests } = await read(["b.yaml", "sub", "-", "./b.yaml", "-"], { cwd, stdin });
    expect(
      manifests.map(({ file, items }) => [file, ...items.map(({ name }) => name && plainText(name))]),
    ).toEqual([["b.yaml", "B"], ["sub/1.json"], ["sub/2.yml", "S2"], ["stdin", "P"]]);
  });

  it("has variables filled in everywhere, except the deployment's", async () => {
    const cwd = folder({
      "herm.yaml": [
        "automations:",
        '  - name: "${team} for ${deployment.name}"',
        "    schedule: every ${day} at 9am",
        "    instructions: $${team} is ${team}, $$${team}, $ {x}, ${ a",
        "",
      ]
        .join("\n")
        .replace(", ${ a", ""),
    });
    const givenValues = readVariables(["team=Ops ${day}", "day=Monday", "unused=x"]);
    const { manifests, unusedValues } = await read(["herm.yaml"], { cwd, givenValues });
    const [found] = manifests[0]?.items ?? [];
    expect(found?.name?.parts).toEqual(["Ops ${day} for ", { name: "deployment.name", index: 1 }]);
    expect(found?.schedule?.parts).toEqual(["every Monday at 9am"]);
    expect(found?.instructions?.parts).toEqual(["${team} is Ops ${day}, $${team}, $ {x}"]);
    expect(unusedValues).toEqual([{ names: ["--var unused"] }]);
  });

  it("reads instructions from a file, with any line endings and with variables", async () => {
    const cwd = folder({
      ".git/HEAD": "",
      "sub/herm.yaml":
        "automations:\n  - name: A\n    schedule: every hour\n    instructions_file: ../prompts/a.md\n",
      "prompts/a.md": "\ufeffLook at ${what}.\r\nThen $${stop}.\r\n",
    });
    const { manifests } = await read(["sub/herm.yaml"], { cwd, givenValues: readVariables(["what=it"]) });
    expect(manifests[0]?.items[0]?.instructions?.parts).toEqual(["Look at it.\nThen ${stop}.\n"]);
    expect(await mistakesOf(read(["sub/herm.yaml"], { cwd }))).toEqual([
      "prompts/a.md:1:9: the variable what isn't set (to set it, use --values <file> or --var what=…; for a literal ${, write $${)",
    ]);
  });

  it("may repeat a name in files for different deployments only", async () => {
    const cwd = folder({
      "1.yaml": `deployments: [dep_1, dep_2]\nautomations:\n${item("A")}`,
      "2.yaml": `deployments: [dep_3]\nautomations:\n${item("A")}`,
      "3.yaml": `deployments: [dep_2]\nautomations:\n${item("A")}`,
      "4.yaml": `automations:\n${item("A")}`,
    });
    expect((await read(["1.yaml", "2.yaml", "4.yaml"], { cwd })).manifests).toHaveLength(3);
    const twice = ['3.yaml:3:11: "A" appears twice (the other one: 1.yaml:3)'];
    expect(await mistakesOf(read(["1.yaml", "3.yaml"], { cwd }))).toEqual(twice);
    expect(await mistakesOf(read(["1.yaml", "2.yaml"], { cwd, hasDeploymentFlags: true }))).toEqual([
      '2.yaml:3:11: "A" appears twice (the other one: 1.yaml:3)',
    ]);
  });

  it("may repeat a name if each automation has an id", async () => {
    const cwd = folder({
      "ids.yaml": `automations:\n${item("A", "    id: a-1\n")}${item("A", "    id: a-2\n")}`,
      "one.yaml": `automations:\n${item("A", "    id: a-1\n")}${item("A")}`,
      "same.yaml": `automations:\n${item("A", "    id: a-1\n")}${item("B", "    id: a-1\n")}`,
    });
    expect((await read(["ids.yaml"], { cwd })).manifests[0]?.items).toHaveLength(2);
    expect(await mistakesOf(read(["one.yaml"], { cwd }))).toEqual([
      'one.yaml:6:11: "A" appears twice (the other one: line 2)',
    ]);
    expect(await mistakesOf(read(["same.yaml"], { cwd }))).toEqual([
      "same.yaml:6:11: a-1 appears twice (the other one: line 2)",
    ]);
  });

  it("may reach its limits: 1,000 automations with every field", async () => {
    const items = Array.from({ length: 1000 }, (_, at) =>
      item(
        `A${at}`,
        `    tz: UTC\n    enabled: false\n    initial: true\n    formerly: B${at}\n    id: a-${at}\n`,
      ),
    );
    const cwd = folder({ "herm.yaml": `automations:\n${items.join("")}` });
    expect((await read(["herm.yaml"], { cwd })).manifests[0]?.items).toHaveLength(1000);
  });

  it("is checked with all other files at once, and mistakes are listed by file", async () => {
    const cwd = folder({
      "a.yaml": `automations:\n${item("A", "    color: red\n")}removed: [A]\n`,
      "b.yaml": `automations:\n${item("A")}`,
    });
    const unknown = `unknown key color (known here: name, schedule, instructions, instructions_file, tz, spread, enabled, initial, formerly, id, for, not)`;
    expect(await mistakesOf(read(["a.yaml", "c.yaml", "b.yaml"], { cwd }))).toEqual([
      `a.yaml:5:5: ${unknown}`,
      'a.yaml:6:11: "A" is both in removed and in automations (the other one: line 2)',
      "c.yaml:1:1: no such file",
      'b.yaml:2:11: "A" appears twice (the other one: a.yaml:2)',
    ]);
  });

  it("stops being read on Ctrl-C while stdin is open", async () => {
    const abort = new AbortController();
    const reading = read(["-"], { stdin: new Readable({ read: () => undefined }), signal: abort.signal });
    abort.abort(new Error("interrupted"));
    await expect(reading).rejects.toThrow("interrupted");
  });
});
