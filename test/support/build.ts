import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** Tests that spawn the command run what is built: built once before them, nothing to do when it is fresh. */
export default function setup(): void {
  execFileSync(process.execPath, [join(import.meta.dirname, "..", "..", ".build.mjs")], { stdio: "inherit" });
}
