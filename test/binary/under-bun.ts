/**
 * Runs the tests under the executable's runtime: `tsx test/binary/under-bun.ts [file…]`. They start the program in
 * `HERM_COMMAND` as `herm`. Lists the tests that are left out, with the reasons, and ends like Vitest, with its closing
 * line.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { ownBun } from "../../.build/bun.mjs";

const root = join(import.meta.dirname, "..", "..");

/** The files that are left out, by reason. */
const leftOut: Readonly<Record<string, readonly string[]>> = {
  "types on a terminal: node-pty, which opens it, works under Node alone": [
    "test/terminal/*.test.ts",
    "test/screens/pictures.test.ts",
    "test/screens/screens.test.ts",
    "test/prompts/pty.test.ts",
    "test/commands/completion-shells.test.ts",
  ],
  "starts processes alone: with HERM_COMMAND it tries the executable from Node": [
    "test/bin.test.ts",
    "test/commands/incidents-process.test.ts",
  ],
  "is about what is built for Node, and what V8 keeps of it": [
    "test/package.test.ts",
    "test/build/*.test.ts",
    "test/startup/*.test.ts",
  ],
};

for (const [reason, files] of Object.entries(leftOut)) {
  for (const file of files) process.stdout.write(`left out: ${file} ${reason}\n`);
}
const patterns = Object.values(leftOut).flat();
const child = spawn(
  ownBun(),
  [
    "--bun",
    "node_modules/vitest/vitest.mjs",
    "run",
    ...patterns.map((pattern) => `--exclude=${pattern}`),
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: "inherit" },
);
const [code] = await once(child, "close");
process.exitCode = code ?? 1;
