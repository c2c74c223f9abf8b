import { execFileSync } from "node:child_process";
import { basename, join } from "node:path";
import esbuild from "esbuild";
import { bundled, root } from "./esbuild-options.mjs";
import { fromRoot, mapped, withMaps, writeMapped } from "./source-maps.mjs";

/** Writes the client into `fresh`, as ESM with its types; returns its source files. */
export async function buildClient(fresh) {
  const outdir = join(fresh, "api");
  const { outputFiles, metafile } = await esbuild.build({
    ...bundled,
    ...mapped,
    // For any runtime with a fetch, so that esbuild refuses Node's modules.
    platform: "neutral",
    entryPoints: { index: "src/api/index.ts" },
    outdir,
    splitting: true,
    format: "esm",
    write: false,
    metafile: true,
  });
  for (const { path, text, map } of withMaps(outputFiles)) {
    writeMapped(fresh, `api/${basename(path)}`, { text, map: fromRoot(map) });
  }
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const options = ["--emitDeclarationOnly", "--declaration", "--target", "ES2022", "--module", "NodeNext"];
  options.push("--strict", "--skipLibCheck", "--outDir", outdir, "--rootDir", "src/api");
  execFileSync(process.execPath, [tsc, ...options, "src/api/index.ts"], { cwd: root, stdio: "inherit" });
  return Object.keys(metafile.inputs);
}
