import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const tests = join(import.meta.dirname, "..");
const leftToChance = /^import [^;]*"(fast-check|(\.\.\/)+support\/third\.js)"|[=(] ?drawOf\(/m;
const starters = /^import (?!type)[^;]*from "(node:child_process|@lydell\/node-pty)"/m;
const imported = /^(?:import|export) (?!type)[^;]*?from "(\.[^"]*)\.js"/gm;

/**
 * Files that take half a minute or more, started before all others: those that keep a core busy beside those that wait.
 */
export const heaviest = [
  "test/security/payloads.test.ts",
  "test/terminal/top-live.test.ts",
  "test/faults/faults.test.ts",
  "test/dev-server/example.test.ts",
  "test/faults/matrix.test.ts",
  "test/faults/proxy.test.ts",
  "test/gitops/fortnight.test.ts",
  "test/gitops/repository.test.ts",
  "test/gitops/survives.test.ts",
];

/** True for a Node that has SQLite in addition to libsql; Bun doesn't have the flag or need it. */
export const hasBothDrivers =
  !("bun" in process.versions) && process.getBuiltinModule("node:sqlite") !== undefined;

/** Files that measure the heap of their process, in which nothing else may have run. */
export const alone = "test/api/growth.test.ts";

/** Files and folders that try every command, every fault or a long history: seconds each, without a process. */
export const walks = [
  "test/commands/audit-histories.test.ts",
  "test/commands/cut-undo.test.ts",
  "test/commands/failing-close.test.ts",
  "test/commands/incidents-history.test.ts",
  "test/commands/outage.test.ts",
  "test/commands/quiet.test.ts",
  "test/dev-server/due.test.ts",
  "test/dev-server/expiry.test.ts",
  "test/faults/",
  "test/gitops/",
  "test/help/examples.test.ts",
  "test/help/exit-codes.test.ts",
  "test/incident/ledger-index.test.ts",
  "test/manifest/kill.test.ts",
  "test/manifest/write.test.ts",
  "test/runs/audit.test.ts",
  "test/schedule/between.test.ts",
  "test/schedule/next.test.ts",
  "test/screens/svg.test.ts",
  "test/security/canary.test.ts",
  "test/security/payloads.test.ts",
];

/**
 * The test files that nobody waits for after every change: long walks, and files that start processes, directly or
 * through imports.
 */
export function slowFiles(): string[] {
  const starts = reaching(starters);
  return allFiles().filter((file) => walks.some((walk) => file.startsWith(walk)) || starts(file));
}

/** The test files that use chance, directly or through imports. */
export function filesOfChance(): string[] {
  return allFiles().filter(reaching(leftToChance));
}

function allFiles(): string[] {
  return readdirSync(tests, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => `test/${file}`);
}

/** True if the text of a file, or of one of its imports, matches. */
function reaching(pattern: RegExp): (file: string) => boolean {
  const known = new Map<string, boolean>();
  const reaches = (path: string): boolean => {
    const answer = known.get(path);
    if (answer !== undefined) return answer;
    known.set(path, false);
    const text = readFileSync(path, "utf8");
    const within = [...text.matchAll(imported)].map(([, to = ""]) => join(dirname(path), `${to}.ts`));
    const found = pattern.test(text) || within.filter((to) => to.startsWith(tests)).some(reaches);
    known.set(path, found);
    return found;
  };
  return (file) => reaches(join(tests, "..", file));
}
