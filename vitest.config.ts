import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/build.ts"],
    setupFiles: ["test/support/clean-environment.ts"],
    testTimeout: 20_000,
    reporters: ["default", "./test/support/closing-line.ts"],
  },
});
