/**
 * Finds the place in src/ for a position in a built file: `npm run where -- core.js:12:3456`, or `herm:12:3456` for the
 * executable. Any text with such positions will do, such as a whole stack or the line from a crash. Uses the maps in
 * dist/, or in the folder that HERM_MAPS names. The executable's map is made on request, from the sources as they are
 * now.
 */
import { existsSync, readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { join } from "node:path";
import { writeMapsOf } from "./bun.mjs";
import { root } from "./esbuild-options.mjs";

const folder = process.env.HERM_MAPS ?? join(root, "dist", ".maps");

function origin(file, line, column) {
  const path = mapFiles(file).find((each) => existsSync(each));
  if (path === undefined) return `no map of it in ${folder}`;
  const map = new SourceMap(JSON.parse(readFileSync(path, "utf8")));
  const { originalSource, originalLine, originalColumn } = map.findEntry(line - 1, column - 1);
  if (originalSource === undefined || originalSource === "<stdin>") return "nothing of the sources";
  return `${originalSource}:${originalLine + 1}:${originalColumn + 1}`;
}

function mapFiles(file) {
  if (!isOfExecutable(file)) return ["cli", "api"].map((part) => join(folder, part, `${file}.map`));
  const maps = join(folder, "executable");
  if (!existsSync(maps)) writeMapsOf({ entry: "bin/standalone.ts", folder: maps });
  return [join(maps, `${file.endsWith(".js") ? file : "herm"}.map`)];
}

/**
 * The executable itself, or a piece of it: Bun's names end in lower-case letters and digits, esbuild's in upper case.
 */
const isOfExecutable = (file) => /^herm(-[\w-]+)?(\.exe)?$|-[a-z0-9]{8}\.js$/.test(file);

const positions = [
  ...process.argv
    .slice(2)
    .join(" ")
    .matchAll(/\b([\w.-]+\.c?js|herm(?:-[\w-]+)?(?:\.exe)?):(\d+):(\d+)/g),
];
if (positions.length === 0) {
  process.stderr.write("usage: npm run where -- core.js:12:3456\n");
  process.exitCode = 2;
}
for (const [position, file, line, column] of positions) {
  process.stdout.write(`${position}  ${origin(file, Number(line), Number(column))}\n`);
}
