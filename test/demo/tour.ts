/**
 * Tells the story on the example fleet, in its own home: every line is the real command, and it leaves no files behind.
 * In a terminal, it waits after each step until that has been read; a key continues, q quits. Ends with 0 only if every
 * command ended as expected.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { command } from "../support/command-file.js";
import { typedLine } from "../support/shell-line.js";
import { readingMs, type Step, story } from "./story.js";

const home = mkdtempSync(join(tmpdir(), "herm-demo-"));
const inHome = (file: string) => join(home, file);
const own = /^(HERM|PRISM|XDG)_/;
const env = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name))),
  HOME: home,
  USERPROFILE: home,
  HERM_PROFILE: "example",
};
const { stdin, stdout } = process;
const isWatched = stdin.isTTY && stdout.isTTY;
const leaving = new AbortController();
const leave = () => leaving.abort();
let goOn = () => {};

const yours = `
That was the story: real commands, a real server, and nothing is left of it.
Your own, in this clone:
  npm run -s herm -- --profile example status      # the same fleet
  npm run -s herm -- --local automations create    # your first automation
\`npm link\` makes \`herm\` a command: then hints and README work as they stand.`;

/** Runs a command; returns its exit code. */
async function herm(words: readonly string[], into?: string, signal?: AbortSignal): Promise<number> {
  const child = spawn(command.file, [...command.args, ...words], {
    stdio: ["ignore", into === undefined ? "inherit" : openSync(inHome(into), "w"), "inherit"],
    cwd: home,
    env,
    signal,
  });
  const [code] = await once(child, "exit");
  return code;
}

const say = (text: string) => console.log(isWatched ? `\x1b[1m${text}\x1b[22m` : text);

async function play(step: Step): Promise<void> {
  say(`\n# ${step.why}`);
  if ("edit" in step) {
    const text = readFileSync(inHome(step.edit), "utf8");
    return writeFileSync(inHome(step.edit), text.replace(step.from, step.to));
  }
  const into = "into" in step ? step.into : undefined;
  const line = `herm ${typedLine(step.words)}${into === undefined ? "" : ` > ${into}`}`;
  say(`$ ${line}`);
  const code = await herm(step.words, into, leaving.signal);
  if (code !== (step.code ?? 0)) throw new Error(`${line} ended with ${code}, not ${step.code ?? 0}`);
}

/** Waits for as long as a person reads, or for a key. */
async function pause(lines: number): Promise<void> {
  const pressed = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  await Promise.race([pressed, sleep(readingMs(lines), undefined, { signal: leaving.signal })]);
}

if (isWatched) {
  console.log("An incident, on a server of its own. Any key goes on, q leaves.");
  stdin.setRawMode(true);
  stdin.on("data", (keys) => (/[q\x03]/.test(String(keys)) ? leave() : goOn()));
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, leave);
// Its reader has left, as after `| head`.
stdout.on("error", leave);
try {
  for (const step of story) {
    await play(step);
    if (isWatched && "lines" in step) await pause(step.lines);
  }
} catch (error) {
  if (!leaving.signal.aborted) throw error;
  process.exitCode = 130;
} finally {
  await herm(["dev", "stop", "--example", "--quiet"], "stopped.txt");
  rmSync(home, { recursive: true, force: true });
  if (isWatched) stdin.setRawMode(false).pause();
}
if (process.exitCode !== 130) console.log(yours);
