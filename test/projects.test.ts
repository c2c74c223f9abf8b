import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { filesOfChance, heaviest, slowFiles, walks } from "./support/projects.js";

it("slowFiles includes the long walks and every test file that starts processes", () => {
  const slow = slowFiles();
  expect(slow).toEqual(expect.arrayContaining(["test/bin.test.ts", "test/terminal/top-ends.test.ts"]));
  expect(slow).not.toContain("test/api/pages.test.ts");
  expect(walks.filter((walk) => !slow.some((file) => file.startsWith(walk)))).toEqual([]);
});

it("filesOfChance includes every test file with random cases, even through imports", () => {
  const found = filesOfChance();
  expect(found).toEqual(
    expect.arrayContaining([
      "test/schedule/next.test.ts",
      "test/manifest/same-mistakes.test.ts",
      "test/manifest/kill.test.ts",
      "test/commands/undo-histories.test.ts",
      "test/security/payloads.test.ts",
    ]),
  );
  expect(found).not.toContain("test/api/client.test.ts");
});

it("the test files listed as heaviest exist", () => {
  expect(heaviest.filter((file) => !existsSync(join(import.meta.dirname, "..", file)))).toEqual([]);
});
