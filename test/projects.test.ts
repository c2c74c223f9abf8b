import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { slowFiles, walks } from "./support/projects.js";

it("calls test files slow that start processes, however far away they say so, and long walks that are there", () => {
  const slow = slowFiles();
  expect(slow).toEqual(
    expect.arrayContaining(["test/bin.test.ts", "test/terminal/top-ends.test.ts", ...walks]),
  );
  expect(slow).not.toContain("test/api/pages.test.ts");
  const named = walks.filter((path) => !path.includes("*"));
  expect(named.filter((path) => !existsSync(join(import.meta.dirname, "..", path)))).toEqual([]);
});
