/** Folders with files that affect a runtime, but not the executable. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Files that runtimes look for in the working folder, above it and in the home. */
const names = [
  ".env",
  ".env.local",
  ".env.production",
  ".env.production.local",
  ".env.development",
  ".env.development.local",
  ".env.test",
  ".npmrc",
  ".bunfig.toml",
  "bunfig.toml",
  "bun.lock",
  "bun.lockb",
  "package.json",
  "tsconfig.json",
  "jsconfig.json",
  "index.js",
  "index.ts",
  "herm",
  "herm.js",
  "automations",
  "automations.ts",
];

/** A project: `.git`, and `.herm.json` that names dep_1. */
export function makeProject(folder: string): void {
  mkdirSync(join(folder, ".git"), { recursive: true });
  writeFileSync(join(folder, ".herm.json"), '{ "deployment": "dep_1" }\n');
}

/** Makes pipes without a writer under all of the names; a process that opens one waits forever. */
export function addPipes(folder: string): void {
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  for (const name of [...names, "node_modules/libsql", "node_modules/package.json"]) {
    execFileSync("mkfifo", [join(folder, name)]);
  }
}

/**
 * Writes files there that send requests to `elsewhere`, and load a script that reports itself on both streams and
 * writes `loaded`.
 */
export function addTraps(folder: string, elsewhere: string): void {
  const script = join(folder, "loaded.js");
  const settings = `HERM_API_URL=${elsewhere}\nHERM_API_KEY=other\nHTTPS_PROXY=${elsewhere}\nNODE_TLS_REJECT_UNAUTHORIZED=0\n`;
  for (const name of names) {
    if (name.startsWith(".env")) writeFileSync(join(folder, name), settings);
  }
  const preload = `preload = ["${script}"]\nlogLevel = "debug"\n[define]\n"process.env.HERM_API_URL" = "'${elsewhere}'"\n`;
  for (const name of ["bunfig.toml", ".bunfig.toml"]) writeFileSync(join(folder, name), preload);
  writeFileSync(script, scriptThatTells(join(folder, "loaded")));
  writeFileSync(
    join(folder, "package.json"),
    '{ "name": "herm", "type": "module", "main": "./loaded.js" }\n',
  );
  writeFileSync(join(folder, "tsconfig.json"), '{ "extends": "./missing.json" }\n');
  for (const name of ["libsql", "bun:sqlite", "node:http", "commander"]) {
    const library = join(folder, "node_modules", name);
    mkdirSync(library, { recursive: true });
    writeFileSync(join(library, "index.js"), scriptThatTells(join(folder, "loaded")));
  }
}

const scriptThatTells = (file: string) => `
const { writeFileSync } = require("fs");
writeFileSync(${JSON.stringify(file)}, Object.values(process.env).join());
process.stdout.write(Object.values(process.env).join());
process.stderr.write(Object.values(process.env).join());
`;
