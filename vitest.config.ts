import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Plugin } from "vite";
import { defineConfig, type UserWorkspaceConfig } from "vitest/config";
import HeaviestFirst from "./test/support/heaviest-first.js";
import { alone, filesOfChance, hasBothDrivers, slowFiles } from "./test/support/projects.js";
import { settleSeed } from "./test/support/seed.js";

// Read here, before the workers start; their clean-up removes HERM_TEST_TZ.
process.env.TZ = process.env.HERM_TEST_TZ || "UTC";

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

const withoutSqlite = {
  execArgv: ["--no-experimental-sqlite"],
  env: { NODE_OPTIONS: "--no-experimental-sqlite" },
};

/** As esbuild reads a file that is imported as text. */
const markdown: Plugin = {
  name: "markdown",
  transform: (text, id) => (id.endsWith(".md") ? `export default ${JSON.stringify(text)}` : undefined),
};

const manyCases = join(import.meta.dirname, "test", "support", "many-cases.ts");

/** fast-check as `npm run test:random` has it. */
const random: Plugin = {
  name: "random",
  enforce: "pre",
  resolveId: (id, importer) => (id === "fast-check" && importer !== manyCases ? manyCases : undefined),
};

export default defineConfig(({ mode }) => {
  settleSeed(mode);
  const isRandom = mode === "random";
  const project = (name: string, test: UserWorkspaceConfig["test"]) => ({
    plugins: [markdown, ...(isRandom ? [random] : [])],
    test: { ...shared, ...(isRandom ? { testTimeout: 900_000 } : {}), name, ...test },
  });
  return {
    test: {
      globalSetup: ["test/support/build.ts", "test/support/temporary-folders.ts", "test/support/third.ts"],
      // Two more than there are cores: a third of its time a test waits, for a process, a file or a moment.
      maxWorkers: availableParallelism() + 2,
      sequence: { sequencer: HeaviestFirst },
      reporters: ["default", "./test/support/closing-line.ts"],
      // One project, since each reads and compiles all of src for itself.
      projects: [
        project("all", {
          include: isRandom ? filesOfChance() : ["test/**/*.test.ts"],
          exclude: [alone, ...(mode === "quick" ? slowFiles() : [])],
        }),
        ...(mode === "test" ? [project("alone", { include: [alone], isolate: true })] : []),
        // The local server's once more with the other driver, where Node has both.
        ...(mode === "test" && hasBothDrivers
          ? [project("libsql", { include: ["test/dev-server/**/*.test.ts"], ...withoutSqlite })]
          : []),
      ],
    },
  };
});
