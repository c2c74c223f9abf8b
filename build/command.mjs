/**
 * The command as lazily loaded CJS. esbuild splits only ESM, so it is split as ESM first and each piece is then turned
 * into CJS, which starts faster; most pieces lie together in a few files, since each file costs.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import esbuild from "esbuild";
import { bundled, compact, forNode, optional } from "./esbuild-options.mjs";
import { filesOfPieces } from "./packs.mjs";

/** Writes the command's files; returns the sources that they were made from. */
export async function buildCommand(outdir, buildId) {
  const { outputFiles, metafile } = await esbuild.build({
    ...bundled,
    ...compact,
    ...optional,
    entryPoints: { main: "src/main.ts", "system-context": "src/system-context.ts" },
    outdir,
    outExtension: { ".js": ".cjs" },
    chunkNames: "[name]-[hash]",
    splitting: true,
    format: "esm",
    write: false,
    metafile: true,
  });
  mkdirSync(outdir, { recursive: true });
  const { outputs } = metafile;
  const files = filesOfPieces(outputs);
  const packs = { base: [], core: [], rest: [] };
  for (const { path, text } of outputFiles) {
    const name = basename(path);
    const pack = files[name];
    const code = linked(await toCjs(text), { pack, files });
    if (pack === "own") writeFileSync(path, code);
    else packs[pack].push(`"${pack}/${name.replace(/\.cjs$/, "")}"(module, exports, require) {\n${code}}`);
  }
  for (const [pack, pieces] of Object.entries(packs)) {
    writeFileSync(join(outdir, `${pack}.js`), `({\n${pieces.join(",\n")}\n})\n`);
  }
  writeSources(join(dirname(outdir), ".pieces.json"), { outputs, files });
  await buildStart(outdir, buildId);
  writeFileSync(join(outdir, "package.json"), '{"type":"commonjs"}\n');
  return Object.keys(metafile.inputs);
}

async function toCjs(text) {
  const { code } = await esbuild.transform(text, {
    ...forNode,
    ...compact,
    format: "cjs",
    supported: { "dynamic-import": false },
    logLevel: "error",
  });
  return code;
}

/** The piece with its imports of other pieces by the names that they have in their files. */
function linked(code, { pack, files }) {
  const reference = pack === "own" ? 'require("./start.cjs").load' : "require";
  return code.replace(/require\("\.\/([\w-]+)\.cjs"\)/g, (call, each) => {
    const target = files[`${each}.cjs`];
    return target === "own" ? call : `${reference}("${target}/${each}")`;
  });
}

/** Which sources are in which piece, for the test of what a command loads. */
function writeSources(path, { outputs, files }) {
  const sources = Object.entries(outputs).map(([output, { inputs }]) => {
    const name = basename(output);
    return [files[name] === "own" ? name : `${files[name]}/${basename(output, ".cjs")}`, Object.keys(inputs)];
  });
  writeFileSync(path, JSON.stringify(Object.fromEntries(sources)));
}

/** What loads the pieces. */
async function buildStart(outdir, buildId) {
  await esbuild.build({
    ...bundled,
    ...compact,
    entryPoints: { start: "src/start.ts" },
    outdir,
    outExtension: { ".js": ".cjs" },
    define: { BUILD_ID: JSON.stringify(buildId) },
    format: "cjs",
  });
}
