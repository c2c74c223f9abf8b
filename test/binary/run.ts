/**
 * `npm run test:binary [part…]`: all tests that start `herm` as a process, with the executable as `herm`;
 * `HERM_COMMAND` can name another than `dist-binary/herm`. At the end it prints the totals of the parts, and exits with
 * 1 if anything failed.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { isNative } from "./native.js";
import { type Counts, parts } from "./parts.js";

const root = join(import.meta.dirname, "..", "..");
const executable = resolve(process.env.HERM_COMMAND ?? join(root, "dist-binary", "herm"));
const wanted = process.argv.slice(2);
const chosen = Object.entries(parts).filter(([name]) => wanted.length === 0 || wanted.includes(name));

interface Outcome extends Counts {
  name: string;
  seconds: number;
}

/** A part that exits with any code except 0, or counts no tests, has failed, whatever it prints. */
async function run(name: string, part: (typeof parts)[string]): Promise<Outcome> {
  const startedMs = performance.now();
  const { words, countsIn } = await part();
  const env = { ...process.env, HERM_COMMAND: executable, FORCE_COLOR: "0" };
  const child = spawn(process.execPath, words, { cwd: root, env, stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    process.stdout.write(chunk);
    text += chunk;
  });
  const [code] = await once(child, "close");
  const counts = countsIn(text);
  const hasFailed = code !== 0 || counts.passed === 0;
  if (hasFailed && counts.failed === 0) counts.failed = 1;
  return { name, ...counts, seconds: Math.round((performance.now() - startedMs) / 1000) };
}

function fail(message: string): never {
  process.stderr.write(`error: ${message}\n`);
  process.exit(2);
}

if (!isNative(executable)) fail(`${executable} is no executable: npm run build:binary makes one`);
if (chosen.length === 0) fail(`the parts are ${Object.keys(parts).join(", ")}`);
const outcomes: Outcome[] = [];
for (const [name, part] of chosen) outcomes.push(await run(name, part));

const total = { passed: 0, failed: 0, skipped: 0 };
process.stdout.write(`\n${executable}\n`);
for (const { name, passed, failed, skipped, seconds } of outcomes) {
  process.stdout.write(
    `${failed === 0 ? "✓" : "✗"} ${name.padEnd(10)} ${passed} passed, ${failed} failed, ${skipped} skipped  ${seconds} s\n`,
  );
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
}
process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exitCode = total.failed === 0 ? 0 : 1;
