import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { compile } from "../../.build/bun.mjs";
import { executableOf, preloads } from "./preloaded.js";

const root = join(import.meta.dirname, "..", "..");
const standalone = join(root, "bin", "standalone.ts");

/** Builds the executables with preloaded modules that are missing or whose sources have changed. */
export async function buildPreloaded(): Promise<void> {
  const { inputsHash }: Inputs = await import(join(root, ".build", "inputs-hash.mjs"));
  const sources = createHash("sha256").update(inputsHash()).update(readFileSync(standalone)).digest("hex");
  for (const preload of preloads()) {
    const { module, entry, file } = executableOf(preload);
    const text = `// ${sources} ${digest(module)}\nimport ${quoted(module)};\nimport ${quoted(standalone)};\n`;
    if (existsSync(file) && readFileSync(entry, "utf8") === text) continue;
    mkdirSync(dirname(entry), { recursive: true });
    writeFileSync(entry, text);
    const draft = mkdtempSync(`${file}.`);
    compile({ entry, outfile: join(draft, basename(file)) });
    renameSync(join(draft, basename(file)), file);
    rmSync(draft, { recursive: true });
  }
}

interface Inputs {
  inputsHash(): string;
}

const digest = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");
const quoted = (path: string) => JSON.stringify(path);
