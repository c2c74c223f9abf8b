import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { buildPreloaded } from "./build-preloaded.js";
import { isExecutable } from "./command-file.js";

/** Tests that spawn the command run what is built: built once before them, nothing to do when it is fresh. */
export default async function setup(): Promise<void> {
  execFileSync(process.execPath, [join(import.meta.dirname, "..", "..", ".build.mjs")], { stdio: "inherit" });
  if (isExecutable) await buildPreloaded();
}
