/**
 * Bun as a compiler: an executable of an entry, with everything in it. Bun is fetched from npm when it is wanted and kept
 * below node_modules, instead of installed with every clone.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./esbuild-options.mjs";

const bunVersion = "1.4.5";

/** Makes an executable of this platform. */
export function compile({ entry, outfile }) {
  const arch = process.arch === "arm64" ? "aarch64" : process.arch;
  const bun = fetchBun(`bun-${process.platform}-${arch}`);
  // A folder's own settings are its owner's, not this command's.
  const unread = ["dotenv", "bunfig", "tsconfig", "package-json"].map(
    (name) => `--no-compile-autoload-${name}`,
  );
  const small = ["--minify-syntax", "--minify-whitespace", "--bytecode", "--format=cjs"];
  execFileSync(
    bun,
    ["build", "--compile", ...small, ...unread, "--external=libsql", entry, `--outfile=${outfile}`],
    { cwd: root, stdio: ["ignore", "ignore", "inherit"] },
  );
}

/** The Bun of a platform, fetched where it isn't there yet. */
function fetchBun(name) {
  const kept = join(root, "node_modules", ".cache", "herm-binary", bunVersion);
  const file = join(kept, "node_modules", "@oven", name, "bin", "bun");
  if (!existsSync(file)) {
    mkdirSync(kept, { recursive: true });
    writeFileSync(join(kept, "package.json"), '{"private":true}\n');
    execFileSync(
      "npm",
      ["install", "--no-save", "--ignore-scripts", "--force", `@oven/${name}@${bunVersion}`],
      { cwd: kept, stdio: ["ignore", "ignore", "inherit"] },
    );
  }
  return file;
}
