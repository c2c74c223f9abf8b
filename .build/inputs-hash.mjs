import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./esbuild-options.mjs";

/** Changes with everything that the build reads, so that the build then runs again. */
export function inputsHash() {
  const hash = createHash("sha256").update(process.version);
  const files = ["src", ".build"].flatMap(filesBelow).sort();
  for (const file of [...files, ".build.mjs", "package.json", "package-lock.json", "CHANGELOG.md"]) {
    hash
      .update(file)
      .update("\0")
      .update(readFileSync(join(root, file)))
      .update("\0");
  }
  return hash.digest("hex");
}

function filesBelow(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "README.md")
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}
