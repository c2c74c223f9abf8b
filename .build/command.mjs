/**
 * The command as lazily loaded pieces. esbuild splits only ESM, so it is split as ESM first. Most pieces then become
 * functions in a few shared files, because each file costs time; rarely needed pieces become CJS files of their own.
 */
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import esbuild from "esbuild";
import { bundled, compact, forNode, optional, root } from "./esbuild-options.mjs";
import { assertNoCircle, linked } from "./linked.mjs";
import { filesOfPieces } from "./packs.mjs";
import { plainTables } from "./plain-tables.mjs";
import { carryingMap, fromRoot, joinMapped, mapped, withMaps, writeMapped } from "./source-maps.mjs";

/** Writes the command's files into `fresh`; returns their source files. */
export async function buildCommand(fresh) {
  const { outputFiles, metafile } = await esbuild.build({
    ...bundled,
    ...optional,
    ...mapped,
    minifySyntax: true,
    legalComments: "none",
    entryPoints: { main: "src/main.ts", "system-context": "src/invocation/system-context.ts" },
    outdir: join(fresh, "cli"),
    chunkNames: "[name]-[hash]",
    splitting: true,
    format: "esm",
    write: false,
    metafile: true,
    plugins: [plainTables],
  });
  const outputs = Object.fromEntries(
    Object.entries(metafile.outputs).filter(([path]) => !path.endsWith(".map")),
  );
  assertNoCircle(outputs);
  const files = filesOfPieces(outputs);
  const packs = { base: [], core: [], more: [], rest: [] };
  for (const output of withMaps(outputFiles)) {
    const name = basename(output.path);
    const pack = files[name];
    const { imports } = outputs[relative(root, output.path).replaceAll("\\", "/")];
    const piece = await (pack === "own" ? toCjs(output) : toFunctionBody(output, imports));
    const text = withNames(piece.text, { isOwn: pack === "own", files });
    if (pack === "own") writeMapped(fresh, `cli/${name}`, { text, map: piece.map });
    else packs[pack].push({ name: `${pack}/${basename(name, ".js")}`, text, map: piece.map });
  }
  const code = createHash("sha256");
  for (const [pack, pieces] of Object.entries(packs)) {
    const { text, map } = packed(pieces);
    writeMapped(fresh, `cli/${pack}.js`, { text, map });
    code.update(text);
  }
  await buildStart(fresh, code.digest("hex").slice(0, 16));
  writeFileSync(join(fresh, "cli", "package.json"), '{"type":"commonjs"}\n');
  writeSources(join(fresh, ".pieces.json"), { outputs, files });
  return Object.keys(metafile.inputs);
}

/** As long as `require`; links a piece in its own file to other pieces. */
const ownRequire = "$loaded";

async function toFunctionBody({ text, map }, imports) {
  const body = await esbuild.transform(carryingMap(linked(text, imports), map), {
    ...forNode,
    ...compact,
    ...mapped,
    logLevel: "error",
  });
  return { text: body.code, map: fromRoot(body.map) };
}

async function toCjs({ text, map }) {
  const cjs = await esbuild.transform(carryingMap(text, map), {
    ...forNode,
    ...compact,
    ...mapped,
    format: "cjs",
    supported: { "dynamic-import": false },
    logLevel: "error",
    banner: `var ${ownRequire}=require("./start.cjs").load;`,
  });
  return { text: cjs.code, map: fromRoot(cjs.map) };
}

/**
 * Returns the piece with imports by the names that other pieces have in their files. Nothing moves, so the map remains
 * valid.
 */
function withNames(code, { isOwn, files }) {
  return code.replace(/require\("\.\/([\w-]+)\.js"\)/g, (call, name) => {
    const target = files[`${name}.js`];
    if (target === "own") return call;
    const link = `${isOwn ? ownRequire : "require"}("${target}/${name}")`;
    if (link.length !== call.length) throw new Error(`${link} isn't as long as ${call}`);
    return link;
  });
}

function packed(pieces) {
  const between = pieces.flatMap(({ name, text, map }, at) => [
    { text: `${at === 0 ? '"use strict";({\n' : "},\n"}"${name}"(exports, require) {\n` },
    { text, map },
  ]);
  return joinMapped([...between, { text: "}\n})\n" }]);
}

/** Maps pieces to their sources, for the test of what each command loads. */
function writeSources(path, { outputs, files }) {
  const sources = Object.entries(outputs).map(([output, { inputs }]) => {
    const name = basename(output);
    return [files[name] === "own" ? name : `${files[name]}/${basename(name, ".js")}`, Object.keys(inputs)];
  });
  writeFileSync(path, JSON.stringify(Object.fromEntries(sources)));
}

/**
 * The loader for the pieces. `buildId` is a hash of their text, because V8 accepts compiled code for any source of the
 * same length.
 */
async function buildStart(fresh, buildId) {
  const { outputFiles } = await esbuild.build({
    ...bundled,
    ...compact,
    ...mapped,
    entryPoints: { start: "src/startup/start.ts" },
    outdir: join(fresh, "cli"),
    define: { BUILD_ID: JSON.stringify(buildId) },
    format: "cjs",
    write: false,
  });
  const [{ text, map }] = withMaps(outputFiles);
  writeMapped(fresh, "cli/start.cjs", { text, map: fromRoot(map) });
}
