import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { plainTables } from "../../.build/plain-tables.mjs";
import { temporaryFolder } from "../support/harness.js";

describe("the build's cli-table3", () => {
  it("measures no text: string-width isn't bundled", () => {
    const bill = readFileSync(join(import.meta.dirname, "../../dist/sbom.cdx.json"), "utf8");
    expect(bill).toContain("pkg:npm/cli-table3@");
    expect(bill).not.toContain("pkg:npm/string-width@");
  });

  it("stops the build if its text has changed", () => {
    const path = join(temporaryFolder(), "cli-table3/src/utils.js");
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, "const stringWidth = require('string-width');\n".repeat(2));
    let load: ((file: { path: string }) => unknown) | undefined;
    plainTables.setup({ onLoad: (_filter: unknown, callback: typeof load) => (load = callback) });
    expect(() => load?.({ path })).toThrow("utils.js needs this exactly once: const stringWidth");
  });
});
