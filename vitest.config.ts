import { availableParallelism } from "node:os";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import HeaviestFirst from "./test/support/heaviest-first.js";
import { alone, slowFiles } from "./test/support/projects.js";
import { settleSeed } from "./test/support/seed.js";

const shared = {
  // Files share what they import: reading it anew for each took a fifth of the time.
  isolate: false,
  setupFiles: ["test/support/clean-environment.ts"],
  // The first test of a file waits until what it needs is compiled, beside others and tsc.
  testTimeout: 120_000,
  hookTimeout: 120_000,
  // Of what others do: a second, which is usual, isn't much while files fight for a core.
  expect: { poll: { timeout: 30_000 } },
};

/** As esbuild reads a file that is imported as text. */
const markdown: Plugin = {
  name: "markdown",
  transform: (text, id) => (id.endsWith(".md") ? `export default ${JSON.stringify(text)}` : undefined),
};

const project = (name: string, test: { include: string[]; exclude?: string[]; isolate?: boolean }) => ({
  plugins: [markdown],
  test: { ...shared, name, ...test },
});

export default defineConfig(({ mode }) => {
  settleSeed(mode);
  return {
    test: {
      globalSetup: ["test/support/build.ts", "test/support/temporary-folders.ts"],
      // Two more than there are cores: a third of its time a test waits, for a process, a file or a moment.
      maxWorkers: availableParallelism() + 2,
      sequence: { sequencer: HeaviestFirst },
      reporters: ["default", "./test/support/closing-line.ts"],
      // One project, since each reads and compiles all of src for itself.
      projects: [
        project("all", {
          include: ["test/**/*.test.ts"],
          exclude: [alone, ...(mode === "quick" ? slowFiles() : [])],
        }),
        ...(mode === "quick" ? [] : [project("alone", { include: [alone], isolate: true })]),
      ],
    },
  };
});
