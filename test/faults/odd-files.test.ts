import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { addAutomation, addDeployment } from "../incident/fleet.js";
import { embeddedUrl, herm, startServer, temporaryFolder } from "../support/harness.js";
import { seeded } from "../support/seed.js";
import { third } from "../support/third.js";
import { oddities } from "./odd-answers.js";

/** A home in which none of our files that commands read is empty. */
async function startHome() {
  const server = await startServer();
  const acme = await addDeployment(server, { name: "Acme" });
  for (const name of ["Weekly report", "Inbox triage"])
    for (const deployment of ["dep_local", acme]) await addAutomation(server, { name, deployment });
  const home = temporaryFolder();
  const cwd = join(home, "work");
  mkdirSync(cwd);
  const env = { HERM_CONFIG_DIR: join(home, "config"), HERM_DATA_DIR: join(home, "data") };
  const run = (words: readonly string[], more: object = {}) =>
    herm(words, { server, home, cwd, env, ...more });
  const done = async (words: readonly string[], more: object = {}) => {
    const { code, stderr } = await run(words, more);
    if (code !== 0) throw new Error(`herm ${words.join(" ")} ended with ${code}: ${stderr}`);
  };
  await done(["auth", "login", "--with-token", "--profile", "work", "--api-url", embeddedUrl], {
    stdin: server.apiKey,
  });
  await done(["deployments", "use", "dep_local", "--here"]);
  await done([
    "automations",
    "pause",
    "--all-deployments",
    "--match",
    "Weekly*",
    "--incident",
    "one",
    "--yes",
  ]);
  const beside = join(home, "two.jsonl");
  await done(["automations", "pause", "--all", "-d", acme, "--incident", "two", "--ledger", beside, "--yes"]);
  await done(["automations", "update", "dep_local/Weekly report", "--instructions", "New."]);
  await done(["automations", "resume", `${acme}/Weekly report`, "--yes"]);
  await done(["automations", "trigger", "dep_local/Inbox triage", "--no-follow"]);
  return { run, home };
}

function filesIn(home: string): string[] {
  return readdirSync(home, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(jsonl?|json|link)$/.test(name) && statSync(join(home, name)).isFile())
    .sort();
}

type Random = () => number;

function pick<T>(all: readonly T[], random: Random): T | undefined {
  return all[Math.floor(random() * all.length)];
}

/** The text with one odd value or line. */
function damage(text: string, random: Random): string {
  const oddity = pick(oddities, random) ?? "null";
  const isLines = text.startsWith('{"') && text.trimEnd().includes("\n");
  const lines = isLines ? text.split("\n") : [text];
  const at = Math.floor(random() * (isLines ? lines.length - 1 : 1));
  const values = [...(lines[at] ?? "").matchAll(/:\s*("(?:[^"\\]|\\.)*"|[\d.]+|true|false|null)/g)];
  const value = random() < 0.1 ? undefined : pick(values, random);
  const line = lines[at] ?? "";
  lines[at] =
    value === undefined
      ? oddity
      : `${line.slice(0, value.index)}:${oddity}${line.slice(value.index + value[0].length)}`;
  return lines.join("\n");
}

const commands = [
  ["automations", "list", "--all-deployments", "--overdue"],
  ["automations", "get", "dep_local/Weekly report"],
  [
    "automations",
    "create",
    "--name",
    "Weekly report",
    "--schedule",
    "@daily",
    "--instructions",
    "x",
    "--allow-duplicate",
  ],
  ["automations", "update", "dep_local/Inbox triage", "--name", "Inbox triage"],
  ["automations", "resume", "--incident", "one", "--dry-run"],
  ["automations", "resume", "--incident", "two", "--dry-run"],
  ["automations", "pause", "--all-deployments", "--incident", "one", "--dry-run"],
  ["incidents", "list"],
  ["incidents", "show", "one"],
  ["incidents", "show", "two"],
  ["runs", "list"],
  ["config", "list"],
  ["auth", "status", "--profile", "work"],
  ["doctor"],
];

describe("one odd value in herm's own files", () => {
  it("is reported or skipped without an internal error", async () => {
    const { run, home } = await startHome();
    const names = filesIn(home);
    expect(names.map((name) => name.replace(/^.*\//, "")).sort()).toEqual(
      expect.arrayContaining([".herm.json", "credentials.json", "one.jsonl", "runs.jsonl", "two.jsonl"]),
    );
    for (const trial of third(Array.from({ length: 400 }, (_, at) => at))) {
      const random = seeded(trial);
      const name = pick(names, random) ?? "";
      // Commands that create something read recent requests.
      const words = (name.includes("history") ? commands[2] : pick(commands, random)) ?? [];
      const path = join(home, name);
      const before = readFileSync(path, "utf8");
      const after = damage(before, random);
      writeFileSync(path, after);
      const { stdout, stderr } = await run(words);
      const about = `${trial}: ${name}, herm ${words.join(" ")}\n${after}`;
      expect(stderr, about).not.toContain("a bug in herm");
      expect(stdout, about).not.toMatch(/\bNaN\b|Invalid Date|\[object Object\]|\bundefined\b/);
      writeFileSync(path, before);
    }
  }, 240_000);

  it("causes no internal error on any read or write, even if too deeply nested", async () => {
    const { run, home } = await startHome();
    const deep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
    const last = filesIn(home).find((name) => name.includes("history")) ?? "";
    const changing = [
      ["history", "--json"],
      ["undo", readFileSync(join(home, last), "utf8").match(/c_\w+/)?.[0] ?? "", "--dry-run"],
      ["incidents", "import", "two.jsonl", "--as", "three"],
      ["deployments", "use", "dep_local", "--here"],
      ["config", "set", "deployment", "dep_local"],
      ["auth", "logout", "--profile", "work"],
    ];
    for (const [at, name] of filesIn(home)
      .filter((name) => !name.endsWith(".link"))
      .entries()) {
      const path = join(home, name);
      const before = readFileSync(path, "utf8");
      // Its name alone marks the place of an incident's command in the history.
      if (before === "") continue;
      const after = before.replaceAll(/^(\{.*)\}$|^\{$/gm, (line, inner) =>
        inner === undefined ? `${line}"more":${deep},` : `${inner},"more":${deep}}`,
      );
      expect([name, after.length]).toEqual([name, expect.toSatisfy((length) => length > deep.length)]);
      for (const words of third([...commands, ...changing], at)) {
        writeFileSync(path, after);
        const { stdout, stderr } = await run(words, {
          cwd: words[0] === "deployments" ? join(home, "work") : home,
        });
        expect(`${stdout}${stderr}`, `${name}, herm ${words.join(" ")}`).not.toMatch(
          /call stack|a bug in herm/,
        );
      }
      writeFileSync(path, before);
    }
  }, 240_000);
});
