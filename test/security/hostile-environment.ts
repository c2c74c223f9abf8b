/** Folders and variables that a runtime may obey and the executable doesn't. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What runtimes look for in the folder that they are started in, above it and at home. */
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

/** Puts pipes without a writer under all of the names: who opens one waits for ever. */
export function addPipes(folder: string): void {
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  for (const name of [...names, "node_modules/libsql", "node_modules/package.json"]) {
    execFileSync("mkfifo", [join(folder, name)]);
  }
}

/** Puts files there that send calls to `elsewhere`, and load a script that says so on both streams and writes `loaded`. */
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

/**
 * Variables that load code, make another program of it, open a debugger, print or write what it does. `folder` has the
 * traps and takes whatever is written.
 */
export function hostileVariables(folder: string, elsewhere: string): Record<string, string>[] {
  const script = join(folder, "loaded.js");
  const out = (name: string) => join(folder, "written", name);
  const apart: Record<string, string>[] = [
    { BUN_BE_BUN: "1" },
    { BUN_OPTIONS: `--preload ${script}` },
    { BUN_OPTIONS: `--env-file=${join(folder, ".env")}` },
    { BUN_OPTIONS: `--config=${join(folder, "bunfig.toml")}` },
    { BUN_OPTIONS: `--cwd ${folder} --print process.env` },
    { BUN_OPTIONS: "--inspect-brk=127.0.0.1:0" },
    { BUN_OPTIONS: `--cpu-prof --cpu-prof-dir ${folder}/written` },
    { BUN_OPTIONS: `--heap-prof --heap-prof-dir ${folder}/written` },
    { BUN_INSPECT: "127.0.0.1:0?break=1" },
    { BUN_INSPECT_PRELOAD: script },
    { BUN_INSPECT_CONNECT_TO: elsewhere, BUN_INSPECT_NOTIFY: elsewhere },
    { BUN_CONFIG_VERBOSE_FETCH: "curl" },
    { BUN_CONFIG_VERBOSE_FETCH: "1" },
    { BUN_BYTECODE_ORDER_OUT: out("order") },
    { BUN_BYTECODE_ORDER_NAMES_OUT: out("order-names") },
    { BUN_BYTECODE_DIGEST_OUT: out("digest") },
    { BUN_RUNTIME_TRANSPILER_CACHE_PATH: out("transpiled") },
    { BUN_JSC_dumpOptions: "3" },
    { BUN_JSC_logGC: "2" },
    { BUN_JSC_nonsense: "1" },
    { BUN_JSC_useJIT: "0", BUN_JSC_useDollarVM: "1" },
    { BUN_JSC_sourceCodeDumpDirectory: out("sources"), BUN_JSC_reportParseTimes: "1" },
    { JSC_dumpOptions: "3", JSC_logGC: "2", JSC_PROFILER_PATH: out("profile") },
    { NODE_OPTIONS: `--require ${script} --inspect=127.0.0.1:0 --use-openssl-ca` },
    { NODE_PATH: join(folder, "node_modules") },
    { NODE_DEBUG: "*" },
    { NODE_DEBUG: "http,https,net,tls,fs,module" },
    { NODE_DEBUG_NATIVE: "*" },
    { NODE_CHANNEL_FD: "0" },
    { NODE_COMPILE_CACHE: out("compiled") },
    { NODE_REDIRECT_WARNINGS: out("warnings"), NODE_PENDING_DEPRECATION: "1" },
    { NODE_V8_COVERAGE: out("coverage") },
    { NODE_ENV: "production" },
    { SSLKEYLOGFILE: out("tls-keys") },
    { ICU_DATA: folder, ICU_TIMEZONE_FILES_DIR: folder },
    { SIMDUTF_FORCE_IMPLEMENTATION: "fallback" },
    { WTF_numberOfProcessorCores: "none" },
    { TMPDIR: "/nonexistent", BUN_TMPDIR: "/nonexistent" },
  ];
  const flags = ["BUN_DEBUG_ALL", "BUN_DESTRUCT_VM_ON_EXIT", "BUN_THREADPOOL_STATS", "IS_BUN_AUTO_UPDATE"];
  return [...apart, ...flags.map((name) => ({ [name]: "1" }))];
}
