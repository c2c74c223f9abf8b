import { execFileSync } from "node:child_process";
import { join } from "node:path";
import esbuild from "esbuild";
import { bundled, root } from "./esbuild-options.mjs";

/** Writes the client as ESM with its types; returns the sources that it was made from. */
export async function buildClient(outdir) {
  const { metafile } = await esbuild.build({
    ...bundled,
    entryPoints: { index: "src/api/index.ts" },
    outdir,
    splitting: true,
    format: "esm",
    metafile: true,
  });
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const options = ["--emitDeclarationOnly", "--declaration", "--target", "ES2022", "--module", "NodeNext"];
  options.push("--strict", "--skipLibCheck", "--outDir", outdir, "--rootDir", "src/api");
  execFileSync(process.execPath, [tsc, ...options, "src/api/index.ts"], { cwd: root, stdio: "inherit" });
  return Object.keys(metafile.inputs);
}
