import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/build.ts", "test/support/temporary-folders.ts"],
    setupFiles: ["test/support/clean-environment.ts"],
    // Vitest leaves a core idle otherwise: with two of them, half the machine.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // The first test of a file waits until what it needs is compiled.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Of what others do: a second, which is usual, isn't much while two files fight for a core.
    expect: { poll: { timeout: 15_000 } },
    reporters: ["default", "./test/support/closing-line.ts"],
  },
});
