/** Builds dist-binary/herm: one executable of this platform with the command and Bun in it, for machines without Node. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { compile } from "./.build/bun.mjs";
import { root } from "./.build/esbuild-options.mjs";

const binary = join(root, "dist-binary", "herm");

rmSync(dirname(binary), { recursive: true, force: true });
mkdirSync(dirname(binary));
compile({ entry: "bin/standalone.ts", outfile: binary });
writeFileSync(
  join(dirname(binary), "THIRD-PARTY-NOTICES.txt"),
  readFileSync(join(root, "dist", "THIRD-PARTY-NOTICES.txt"), "utf8"),
);
