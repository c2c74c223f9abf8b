import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Writes the command into the folder as esbuild splits it, as ES modules without packs; returns the file to run. */
export async function writeAsEsm(folder: string): Promise<string> {
  await build({
    absWorkingDir: root,
    entryPoints: { main: "src/main.ts", "system-context": "src/invocation/system-context.ts" },
    outdir: join(folder, "esm"),
    outExtension: { ".js": ".mjs" },
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    external: ["libsql", "bun:sqlite"],
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: "error",
  });
  const file = join(folder, "esm", "herm.mjs");
  writeFileSync(file, launcher);
  return file;
}

const launcher = `
import { createSystem } from "./system-context.mjs";
import { main } from "./main.mjs";
const { system, dispose } = createSystem({ version: "0", commandFile: import.meta.filename, exit: process.exit });
process.exitCode = await main(process.argv.slice(2), system);
dispose();
`;
