/**
 * Source maps, which are kept beside the shipped files: `dist/.maps/<file>.map` maps `dist/<file>`. Their sources are
 * named from the root of the project.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** For esbuild: maps in separate files, without a reference in the code, and without the text of the sources. */
export const mapped = { sourcemap: "external", sourcesContent: false };

/** esbuild's outputs in pairs: the code and its map, as text. */
export function withMaps(outputFiles) {
  const maps = new Map(outputFiles.map(({ path, text }) => [path, text]));
  return outputFiles
    .filter(({ path }) => !path.endsWith(".map"))
    .map(({ path, text }) => ({ path, text, map: maps.get(`${path}.map`) }));
}

/** Code with its map so far, for esbuild to read, so that the next map leads back to the sources. */
export function carryingMap(text, map) {
  return `${text}\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString("base64")}\n`;
}

/** Writes files below `fresh` and their maps below its `.maps`. */
export function writeMapped(fresh, file, { text, map }) {
  write(join(fresh, file), text);
  write(join(fresh, ".maps", `${file}.map`), JSON.stringify(map));
}

function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** A map for one piece of code, with sources named from the root. */
export function fromRoot(map) {
  const { version, sources, names, mappings } = JSON.parse(map);
  return { version, sources: sources.map((source) => source.replace(/^(\.\.\/)+/, "")), names, mappings };
}

/** Joins several texts into one, with an index map (ECMA-426). Texts without a map are glue. */
export function joinMapped(parts) {
  const sections = [];
  let text = "";
  let line = 0;
  for (const part of parts) {
    if (part.map !== undefined) sections.push({ offset: { line, column: 0 }, map: part.map });
    text += part.text;
    line += part.text.split("\n").length - 1;
  }
  return { text, map: { version: 3, sections } };
}
