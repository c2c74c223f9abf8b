import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { canCompile, compile } from "../../.build/bun.mjs";
import { type Bench, type Figure, sharedFigures } from "./figures.js";
import type { Program } from "./pairs.js";

const built = fileURLToPath(new URL("../../dist-binary/herm", import.meta.url));

/**
 * The executable that `npm run build:binary` makes, with the Bun that compiles its floor; undefined if either is
 * missing.
 */
export function findExecutable(): Program | undefined {
  return existsSync(built) && canCompile() ? { file: built, args: [] } : undefined;
}

/** Figures for the executable that compare two processes. */
export function listExecutableFigures(bench: Bench, executable: Program): Figure[] {
  const { tool, herm, floors, few } = bench;
  const get = join(bench.folder, "get");
  compile({ entry: floors.get, outfile: get });
  return [
    ...sharedFigures(bench, executable, {
      version: "≤ 0.65",
      help: "≤ 0.7",
      list: "≤ 0.9",
      many: "≤ 1.4",
      screen: "≤ 1.5",
      long: "≤ 2.9",
    }),
    {
      what: "`automations list`, one GET",
      floor: "the GET, compiled the same way",
      target: "≤ 1.8",
      ours: herm(executable)("automations", "list", "-o", "json"),
      against: tool(get, few),
    },
  ];
}
