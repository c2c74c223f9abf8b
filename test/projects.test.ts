import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { heaviest, slowFiles, walks } from "./support/projects.js";

it("slowFiles has every test file that starts processes, also through imports, and the long walks", () => {
  const slow = slowFiles();
  expect(slow).toEqual(expect.arrayContaining(["test/bin.test.ts", "test/terminal/top-ends.test.ts"]));
  expect(slow).not.toContain("test/api/pages.test.ts");
  expect(walks.filter((walk) => !slow.some((file) => file.startsWith(walk)))).toEqual([]);
});

it("the heaviest test files exist", () => {
  expect(heaviest.filter((file) => !existsSync(join(import.meta.dirname, "..", file)))).toEqual([]);
});
