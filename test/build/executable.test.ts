import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { canCompile, compile } from "../../.build/bun.mjs";
import { temporaryFolder } from "../support/harness.js";

const root = join(import.meta.dirname, "..", "..");

// Only `npm run build:binary` fetches Bun.
it.skipIf(!canCompile())(
  "a rebuilt executable is identical and contains no folder's name, if Bun is installed",
  () => {
    const [one, other] = ["one", "other-and-longer"].map((name) => {
      const folder = join(temporaryFolder(), name);
      mkdirSync(folder);
      compile({ entry: "bin/standalone.ts", outfile: join(folder, "herm") });
      return readFileSync(join(folder, "herm"));
    });
    expect(one?.equals(other ?? Buffer.alloc(0))).toBe(true);
    for (const encoding of ["utf8", "utf16le"] as const)
      expect(one?.includes(Buffer.from(root, encoding))).toBe(false);
  },
  60_000,
);
