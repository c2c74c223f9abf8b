import { msOf } from "../../api/schema.js";
import type { Run } from "../../api/types.js";
import { counted } from "../../output/count.js";
import { formatRfc3339 } from "../../output/time.js";
import type { RunDoubt, SincePause } from "../../runs/unexpected.js";

/** The runs since a pause: `run_x started at 2025-12-01T09:00:00Z by its schedule`; "" where nothing ran. Plain text. */
export function sinceText(
  { unexpected, runs, doubt, mayHaveBeenEnabled }: SincePause,
  timeOf: (at: Date) => string = formatRfc3339,
): string {
  if (doubt !== undefined) return `may have run since: ${doubts[doubt]}`;
  const shown = unexpected.length > 0 ? unexpected : runs;
  const [newest] = shown;
  if (newest === undefined) return "";
  const what = `${startText(newest, timeOf)} ${unexpected.length > 0 ? "by its schedule" : "by hand"}`;
  const all = shown.length > 1 ? `${what}, the last of ${shown.length}` : what;
  return mayHaveBeenEnabled ? `ran since the pause; enabled in between? ${all}` : all;
}

function startText({ run_id, started_at }: Run, timeOf: (at: Date) => string): string {
  const ms = msOf(started_at);
  return ms === undefined ? run_id : `${run_id} started at ${timeOf(new Date(ms))}`;
}

const doubts: Readonly<Record<RunDoubt, string>> = {
  run_without_trigger: "a run doesn't say what started it",
  run_without_start: "a run doesn't say when it started",
  run_not_listed: "its last run isn't listed",
  before_oldest_run: "not all its runs since the pause are known",
};

export function doubtText(count: number): string {
  return `${counted(count, "paused automation")} may have run since the pause`;
}

/** The part of JSON: `unexpected` is null where it isn't known. */
export function sinceJson(since: SincePause | undefined): object {
  if (since === undefined) return {};
  return {
    unexpected: since.doubt === undefined ? since.unexpected.length : null,
    runs_since: since.runs.map(({ run_id, trigger, started_at, status }) => ({
      run_id,
      trigger,
      started_at,
      status,
    })),
  };
}
