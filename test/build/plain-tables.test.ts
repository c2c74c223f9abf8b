import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { plainTables } from "../../.build/plain-tables.mjs";
import { temporaryFolder } from "../support/harness.js";

describe("cli-table3 in the build", () => {
  it("measures text without string-width, which isn't bundled", () => {
    const bill = readFileSync(join(import.meta.dirname, "../../dist/sbom.cdx.json"), "utf8");
    expect(bill).toContain("pkg:npm/cli-table3@");
    expect(bill).not.toContain("pkg:npm/string-width@");
  });

  it("fails the build if its source code has changed", () => {
    const path = join(temporaryFolder(), "cli-table3/src/utils.js");
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, "const stringWidth = require('string-width');\n".repeat(2));
    let load: ((file: { path: string }) => unknown) | undefined;
    plainTables.setup({ onLoad: (_filter: unknown, callback: typeof load) => (load = callback) });
    expect(() => load?.({ path })).toThrow("utils.js needs this exactly once: const stringWidth");
  });
});
