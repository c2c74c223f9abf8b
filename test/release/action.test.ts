import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { quoteForShells } from "../../src/command-line/shell-quote.js";
import { command } from "../support/command-file.js";
import { temporaryFolder } from "../support/harness.js";
import { spawnServer } from "../support/spawn.js";
import { below, executables, hasDownloader, pathOf, writeProgram } from "./installer.js";
import { releaseOf, startReleaseHost } from "./release-host.js";
import { action, actionFolder, runStep } from "./steps.js";

const quoted = [command.file, ...command.args].map(quoteForShells).join(" ");

/** The real command in place of every executable. */
const herm = `#!/bin/sh\nexec ${quoted} "$@"\n`;
/** An executable that writes its arguments, each followed by a NUL. */
const recorder = `#!/bin/sh\n[ "$1" = --version ] || printf '%s\\0' "$@" >words\n`;

async function use(
  given: Record<string, string | undefined>,
  { executable = herm, env = {} }: { executable?: string; env?: Record<string, string> } = {},
) {
  const host = await startReleaseHost(
    below("download/v1.2.3", releaseOf(Object.fromEntries(executables.map((name) => [name, executable])))),
  );
  const folder = temporaryFolder();
  const temp = join(folder, "temp");
  const work = join(folder, "work");
  for (const each of [temp, work]) mkdirSync(each);
  const files = ["output", "path", "summary"].map((name) => join(temp, name));
  for (const file of files) writeFileSync(file, "");
  const [output = "", path = "", summary = ""] = files;
  const inputs = Object.fromEntries(
    Object.entries(action.inputs).map(([name, input]) => [name, given[name] ?? input.default ?? ""]),
  );
  const base = {
    HOME: temp,
    GITHUB_ACTIONS: "true",
    GITHUB_ACTION_PATH: actionFolder,
    GITHUB_OUTPUT: output,
    GITHUB_PATH: path,
    GITHUB_STEP_SUMMARY: summary,
    GITHUB_SERVER_URL: host.url.replace("/releases", ""),
    GITHUB_REPOSITORY: ".",
    RUNNER_TEMP: temp,
    ...env,
  };
  const log: string[] = [];
  let code: unknown = 0;
  for (const step of action.runs.steps) {
    if (step.if !== undefined && step.if !== "inputs.command != ''")
      throw new Error(`can't judge ${step.if}`);
    if (code !== 0 || (step.if !== undefined && inputs.command === "")) continue;
    const own = Object.entries(step.env ?? {}).map(([name, value]) => [name, evaluated(value, inputs)]);
    const done = await runStep(step, { cwd: work, env: { ...base, ...Object.fromEntries(own) } });
    code = done.code;
    log.push(done.log);
  }
  const [text, onPath, summed] = files.map((file) => readFileSync(file, "utf8"));
  return { code, log: log.join(""), output: text, path: onPath, summary: summed, work, temp, host };
}

/** An expression for an input, or for the repository of an action without inputs. */
function evaluated(expression: string, inputs: Record<string, string>): string {
  const [, name = ""] = /^\$\{\{ (?:inputs|github)\.([\w-]+) \}\}$/.exec(expression) ?? [];
  if (name === "action_repository") return "";
  const value = inputs[name];
  if (value === undefined) throw new Error(`can't evaluate ${expression}`);
  return value;
}

const isMissing = !hasDownloader || pathOf("bash") === undefined;

describe.skipIf(isMissing)("the GitHub action", () => {
  it("installs the version on PATH, and does no more without a command", async () => {
    const { code, log, path, output, temp, host } = await use({ version: "1.2.3" });
    expect({ code, path, output }).toEqual({ code: 0, path: `${temp}/herm\n`, output: "" });
    expect(readdirSync(join(temp, "herm"))).toEqual(["herm"]);
    expect(log).not.toContain("PATH");
    expect(host.asked.every((path) => path.startsWith("download/v1.2.3/"))).toBe(true);
  });

  it("installs herm.exe on Windows, and adds a Windows path", async () => {
    const tools = temporaryFolder();
    writeProgram(join(tools, "uname"), "case $1 in -s) echo MINGW64_NT-10.0-26100 ;; *) echo x86_64 ;; esac");
    writeProgram(join(tools, "cygpath"), `[ "$1" = --unix ] && echo "$2" || echo "D:$2" | tr / '\\'`);
    const env = { RUNNER_OS: "Windows", PATH: `${tools}:${process.env.PATH}` };
    const { code, log, path, temp } = await use({ version: "1.2.3" }, { env });
    expect({ code, log }).toMatchObject({ code: 0 });
    expect(path).toBe(`D:${temp}/herm\n`.replaceAll("/", "\\"));
    expect(readdirSync(join(temp, "herm"))).toEqual(["herm.exe"]);
  });

  const manifest = "automations:\n  - name: A\n    schedule: '@daily'\n    instructions: Say hello.\n";

  it.each([
    [0, "automations list --output json"],
    [2, "automations list --nonsense"],
    [4, "automations get auto_nothing"],
    [9, "diff --file herm.yaml"],
  ])("passes on exit code %i", async (expected, words) => {
    const { env } = await spawnServer();
    const { HERM_API_KEY, ...others } = env;
    const manifestFile = join(temporaryFolder(), "herm.yaml");
    writeFileSync(manifestFile, manifest);
    const inputs = {
      version: "1.2.3",
      "api-key": HERM_API_KEY,
      command: words.replace("herm.yaml", manifestFile),
    };
    const { code, output, log, summary } = await use(inputs, { env: others });
    expect({ code, output, log }).toMatchObject({ code: expected, output: `exit-code=${expected}\n` });
    if (expected === 9) expect(summary).toContain("to create");
  });

  it("masks the key before any other output, and never shows it", async () => {
    const { env } = await spawnServer();
    for (const inputs of [{ "api-key": env.HERM_API_KEY }, {}]) {
      const done = await use({ version: "1.2.3", command: "--debug automations list", ...inputs }, { env });
      expect(done).toMatchObject({ code: 0 });
      const [before, after = ""] = done.log.split(`::add-mask::${env.HERM_API_KEY}\n`);
      expect(before).not.toContain(env.HERM_API_KEY);
      expect(after).toContain("/v1/");
      expect(after + done.output + done.summary).not.toContain(env.HERM_API_KEY);
    }
  });

  it("splits words like a shell, without expansion", async () => {
    const words = `a "b  c" 'd $HOME' e\\ f * ~ $(id) \`id\` ; | "" --x="1 2"\n  g`;
    const { code, work } = await use({ version: "1.2.3", command: words }, { executable: recorder });
    expect(code).toBe(0);
    expect(readFileSync(join(work, "words"), "utf8").split("\0")).toEqual([
      "a",
      "b  c",
      "d $HOME",
      "e f",
      "*",
      "~",
      "$(id)",
      "`id`",
      ";",
      "|",
      "",
      "--x=1 2",
      "g",
      "",
    ]);
  });

  it("splits words of several lines like a shell", async () => {
    const text = [
      "auto list \\",
      "  --match 'Daily*' \\",
      '  --except "a\\',
      'b" \\',
      "  c\\",
      "d 'e\\",
      'f\' "g\\\\\\"h" i\\\\ \\',
      '"it\'s" \'"\' j\'k\'"l"m "n\\o" p\\ q \'r s',
      't\' "" \\\\\\',
      " Grüße",
      "",
    ].join("\n");
    const shell = spawnSync("bash", ["-c", `printf '%s\\0' ${text}`], { encoding: "utf8" });
    const { code, work } = await use({ version: "1.2.3", command: `${text}\\` }, { executable: recorder });
    expect(code).toBe(0);
    const words = readFileSync(join(work, "words"), "utf8").split("\0");
    expect(words).toEqual(shell.stdout.split("\0"));
    expect(words.slice(0, 7)).toEqual(["auto", "list", "--match", "Daily*", "--except", "ab", "cd"]);
  });

  const hostile =
    "x\"; touch PWNED #'; touch PWNED; $(touch PWNED) `touch PWNED`\n::warning::PWNED\ntouch PWNED\n";
  it.each(["version", "command", "api-key", "release-url"])(
    "executes no part of a hostile %s",
    async (name) => {
      const inputs = { version: "1.2.3", command: "version", [name]: hostile };
      const { code, log, work, temp } = await use(inputs, { executable: recorder });
      expect(code).toBe({ version: 1, command: 2, "api-key": 0, "release-url": 1 }[name]);
      expect([...readdirSync(work), ...readdirSync(temp)]).not.toContain("PWNED");
      expect(log).not.toMatch(/^\s*::(?!add-mask::|error::the input)/m);
    },
  );

  it.each([
    ["no version", { command: "version" }, "::error::the input version names no version"],
    ["the latest version", { version: "latest" }, "::error::the input version names no version"],
    ["an unclosed quote", { version: "1.2.3", command: "a 'b" }, "can't be read as words"],
    ["a blank command", { version: "1.2.3", command: " \n " }, "can't be read as words"],
  ])("rejects %s", async (_, inputs, said) => {
    const { code, log } = await use(inputs);
    expect([code, log]).toEqual([2, expect.stringContaining(said)]);
  });

  it("declares each output under the name its steps write", () => {
    expect(action.outputs["exit-code"]?.value).toBe("${{ steps.run.outputs.exit-code }}");
    expect(action.runs.steps.map(({ id }) => id)).toContain("run");
  });
});
