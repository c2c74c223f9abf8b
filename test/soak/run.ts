/**
 * `npm run soak -- [module…] [--write]`: measures the claims, in the claimed counts, and prints the table; with
 * `--write`, also writes it into test/soak/README.md. Runs every module in this folder that exports `soak()`, or only
 * the named ones. Exits with 1 if a claim doesn't hold or a module throws.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { isExecutable } from "../support/command-file.js";
import { seed, settleSeed } from "../support/seed.js";
import { writeParts } from "../support/written-part.js";
import type { Claim } from "./claim.js";

const words = process.argv.slice(2);
const isWritten = words.includes("--write");
if (isWritten && isExecutable) throw new Error("--write writes what is measured on Node");
const wanted = words.filter((word) => !word.startsWith("-"));
const modules = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".ts") && !["run.ts", "claim.ts"].includes(file))
  .map((file) => file.replace(/\.ts$/, ""))
  .filter((name) => wanted.length === 0 || wanted.includes(name))
  .sort();

settleSeed("random");
fc.configureGlobal({ seed: seed() });

const claims: Claim[] = [];
for (const name of modules) {
  const startedMs = performance.now();
  const found = await claimsOf(name);
  claims.push(...found);
  process.stderr.write(`${name}: ${Math.round((performance.now() - startedMs) / 1000)} s\n`);
  if (isWritten && found.length > 0) writeParts("test/soak/README.md", { [name]: markdown(found) });
}
process.stdout.write(table(claims));
process.exitCode = claims.length > 0 && claims.every(({ ok }) => ok) ? 0 : 1;

interface Module {
  soak?(): Promise<Claim[]>;
  processes?(): Promise<Claim[]>;
}

async function claimsOf(name: string): Promise<Claim[]> {
  try {
    const module: Module = await import(join(import.meta.dirname, `${name}.ts`));
    // Only modules that start the executable show anything about it.
    return (await (isExecutable ? module.processes : module.soak)?.()) ?? [];
  } catch (error) {
    process.stderr.write(`${name}: ${error instanceof Error ? error.stack : error}\n`);
    return [{ measure: `${name} as a whole`, ours: "it failed", cases: 0, ok: false }];
  }
}

function table(rows: readonly Claim[]): string {
  const width = Math.max(0, ...rows.map(({ measure }) => measure.length));
  const lines = rows.map(
    ({ measure, ours, cases, ok }) =>
      `${ok ? "✓" : "✗"} ${measure.padEnd(width)}  ${cases.toLocaleString("en").padStart(9)}  ${ours}`,
  );
  return `${lines.join("\n")}\n`;
}

function markdown(rows: readonly Claim[]): string {
  const lines = rows.map(
    ({ measure, ours, cases, ok }) =>
      `| ${ok ? "" : "✗ "}${measure} | ${cases.toLocaleString("en")} | ${ours} |`,
  );
  return `| measure | cases | ours |\n| --- | --- | --- |\n${lines.join("\n")}\n`;
}
