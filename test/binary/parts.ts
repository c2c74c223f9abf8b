import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

interface Part {
  /** For Node. */
  words: string[];
  /** Of what it printed. */
  countsIn(text: string): Counts;
}

const tsx = ["--import", "tsx"];

/** The parts that `npm run test:binary` runs, one after another. */
export const parts: Readonly<Record<string, () => Promise<Part>>> = {
  tests: async () => ({
    words: ["node_modules/vitest/vitest.mjs", "run", ...(await filesThatSpawn())],
    countsIn: closingLine,
  }),
  bun: async () => ({ words: [...tsx, "test/binary/under-bun.ts"], countsIn: closingLine }),
  settings: async () => soak("settings"),
  faults: async () => soak("faults"),
  incident: async () => soak("incident"),
  manifest: async () => soak("manifest"),
  demo: async () => ({
    words: [...tsx, "test/demo/tour.ts"],
    countsIn: (text) => ({ passed: text.match(/^\$ herm /gm)?.length ?? 0, failed: 0, skipped: 0 }),
  }),
};

function soak(module: string): Part {
  return {
    words: [...tsx, "test/soak/run.ts", module],
    countsIn: (text) => ({
      passed: text.match(/^✓ /gm)?.length ?? 0,
      failed: text.match(/^✗ /gm)?.length ?? 0,
      skipped: 0,
    }),
  };
}

/** The last line that we make Vitest print (closing-line.ts). */
function closingLine(text: string): Counts {
  const found = [...text.matchAll(/^(\d+) passed, (\d+) failed, (\d+) skipped$/gm)].at(-1) ?? [];
  const [passed = 0, failed = 0, skipped = 0] = found.slice(1).map(Number);
  return { passed, failed, skipped };
}

const command = "test/support/command-file.ts";
/** Starts the executable only for tests that call a server over a socket. */
const caller = "test/dev-server/caller.ts";

/** The test files that start the program in `HERM_COMMAND`, even through the modules that they import. */
async function filesThatSpawn(): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: join(import.meta.dirname, "..", ".."),
    entryPoints: ["test/**/*.test.ts"],
    outdir: "dist",
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    write: false,
    metafile: true,
  });
  return Object.values(metafile.outputs)
    .filter(({ inputs }) => command in inputs)
    .flatMap(({ inputs, entryPoint = "" }) =>
      caller in inputs && !callsOverSocket(entryPoint) ? [] : entryPoint,
    );
}

function callsOverSocket(file: string): boolean {
  return /\btransports\b|"over a socket"/.test(readFileSync(file, "utf8"));
}
