/**
 * Bun as the runtime of an executable, closed. It obeys variables of its own (BUN_BE_BUN makes another program of it,
 * BUN_OPTIONS loads code into it, BUN_CRASH_REPORT_URL sends reports) and has no switch against that. So what gets into an
 * executable is a copy that can't find them. test/security/executable.test.ts tries them.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Bun's own variables: their names, where these aren't part of a sentence or a script. */
const ownNames = /(?<![ .$`"'_([{\n>=])BUN_(?=[A-Z]{2})/g;

/** Of others those that make it read or write files, listen to who started it, complain, or fail. */
const otherNames =
  /(?<=\0)(?:ICU_(?:DATA|TIMEZONE_FILES_DIR)|JSC_(?:PROFILER_PATH|SIGNAL_FOR_GC)|NODE_(?:CHANNEL_FD|COMPILE_CACHE|DEBUG_NATIVE|REDIRECT_WARNINGS)|SIMDUTF_FORCE_IMPLEMENTATION|WTF_numberOfProcessorCores)(?=\0)/g;

/** What every platform's runtime reads; one without them needs other rules than these. */
const expected = [
  "BUN_BE_BUN",
  "BUN_BYTECODE_DIGEST_OUT",
  "BUN_CONFIG_VERBOSE_FETCH",
  "BUN_CRASH_REPORT_URL",
  "BUN_ENABLE_CRASH_REPORTING",
  "BUN_INSPECT",
  "BUN_INSPECT_CONNECT_TO",
  "BUN_INSPECT_PRELOAD",
  "BUN_OPTIONS",
  "BUN_RUNTIME_TRANSPILER_CACHE_PATH",
  "JSC_PROFILER_PATH",
  "NODE_CHANNEL_FD",
  "NODE_COMPILE_CACHE",
  "NODE_DEBUG_NATIVE",
  "NODE_REDIRECT_WARNINGS",
];

/** In the runtime's scripts, which then print what they do. */
const debugSetting = /process\.env\.NODE_DEBUG\b/g;

/**
 * The engine's options (BUN_JSC_*) are found in machine code that compares letters: the first with B, the second with U,
 * the third with N. In the group is which letter is the second; without that bit it is the first one, which can't be both.
 */
const engineOptions = [
  { processor: "x64", bit: 1, code: /B\x75.A?\x80.(\x01)U\x75.A?\x80.\x02N\x75/dgs },
  {
    processor: "arm64",
    bit: 4,
    code: /[\x08-\x0b]\x01\x71.{5}([\x04-\x07])\x40\x39.[\x54-\x57]\x01\x71.{5}[\x08-\x0b]\x40\x39.[\x38-\x3b]\x01\x71/dgs,
  },
];

/** The closed copy of a Bun, beside it, made once. Throws where it isn't as expected. */
export function closedRuntime(bun) {
  const rules = createHash("sha256").update(readFileSync(fileURLToPath(import.meta.url)));
  const copy = `${bun}-closed-${rules.digest("hex").slice(0, 12)}`;
  if (!existsSync(copy)) {
    const fresh = `${copy}.${process.pid}.tmp`;
    writeFileSync(fresh, closed(readFileSync(bun)), { mode: 0o755 });
    renameSync(fresh, copy);
  }
  return copy;
}

/** The runtime's bytes with nothing moved: a name that begins with a zero is nobody's. */
function closed(bytes) {
  const text = bytes.toString("latin1");
  const missing = expected.filter((name) => !text.includes(`${name}\0`));
  const options = engineOptions.flatMap(({ code, bit }) =>
    [...text.matchAll(code)].map(({ indices }) => ({ at: indices[1][0], bit })),
  );
  const settings = [...text.matchAll(debugSetting)];
  if (missing.length > 0 || options.length !== 1 || settings.length === 0) {
    const found = `${options.length} places of the engine's options, ${settings.length} of NODE_DEBUG`;
    throw new Error(`this Bun can't be closed: without ${missing.join(", ") || "no name"}; ${found}`);
  }
  for (const { index } of [...text.matchAll(ownNames), ...text.matchAll(otherNames)]) bytes[index] = 0;
  for (const { at, bit } of options) bytes[at] ^= bit;
  for (const { index, 0: script } of settings) bytes.write("void 0".padEnd(script.length), index, "latin1");
  return bytes;
}
