import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { buildPreloaded } from "./build-preloaded.js";
import { isExecutable } from "./command-file.js";

/**
 * Tests that spawn the command run the built files, which are built once before the tests, unless they are up to date.
 */
export default async function setup(): Promise<void> {
  execFileSync(process.execPath, [join(import.meta.dirname, "..", "..", ".build.mjs")], { stdio: "inherit" });
  if (isExecutable) await buildPreloaded();
}
