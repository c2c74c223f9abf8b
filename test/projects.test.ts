import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { heaviest, slowFiles, walks } from "./support/projects.js";

it("calls test files slow that start processes, however far away they say so, and long walks that are there", () => {
  const slow = slowFiles();
  expect(slow).toEqual(expect.arrayContaining(["test/bin.test.ts", "test/terminal/top-ends.test.ts"]));
  expect(slow).not.toContain("test/api/pages.test.ts");
  expect(walks.filter((walk) => !slow.some((file) => file.startsWith(walk)))).toEqual([]);
});

it("begins with files that are there", () => {
  expect(heaviest.filter((file) => !existsSync(join(import.meta.dirname, "..", file)))).toEqual([]);
});
