import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { FetchLike } from "../../src/api/fetch.js";
import { type HermOptions, type HermResult, herm } from "../support/harness.js";
import type { Trial } from "./matrix.js";

export interface TryOptions extends HermOptions {
  text: string;
  home: string;
  fetch: FetchLike;
  /** Arguments added to the words. */
  more?: readonly string[];
}

/** The file for the summary of a trial under GitHub Actions. */
export function summaryFile(home: string): string {
  return join(home, "summary.md");
}

/** Runs a trial of the matrix. */
export function tryCommand(trial: Trial, { text, more = [], ...options }: TryOptions): Promise<HermResult> {
  for (const [name, content] of Object.entries(trial.files?.(text) ?? {})) {
    const file = join(options.home, name);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, content, { mode: 0o600 });
  }
  const env = { ...trial.env, ...options.env };
  const answers = options.tty === true ? trial.answers?.(text) : undefined;
  return herm([...trial.argv(text), ...more], {
    now: new Date("2026-03-03T12:00:00Z"),
    sleep: sleepShortly,
    signal: AbortSignal.timeout(10_000),
    ...options,
    ...(answers === undefined ? {} : { answers }),
    ...(trial.stdin === undefined ? {} : { stdin: trial.stdin(text) }),
    env: env.GITHUB_ACTIONS === undefined ? env : { ...env, GITHUB_STEP_SUMMARY: summaryFile(options.home) },
  });
}

/** When a follow gives up; whether that comes before an event would depend on the machine. */
const isForEver = (ms: number) => ms > 60_000;

/** Short but real, because a wait that never yields would hang the test. */
function sleepShortly(ms: number, signal?: AbortSignal): Promise<void> {
  return pause(isForEver(ms) ? 2 ** 31 - 1 : Math.min(ms, 2), undefined, { signal, ref: !isForEver(ms) });
}
