import type { RunStatus } from "../../../api/types.js";
import type { TimeWindow } from "../../../command-line/time-window.js";
import type { Context } from "../../../context.js";
import { ago } from "../../../output/time.js";
import { textOrDash } from "../../../output/value-text.js";
import { noneIs, noneMatches, oneOf } from "../../targets/why-empty.js";
import { noRunsYet } from "./no-runs.js";
import type { ListedFacts, SeenAutomation } from "./reach.js";

export interface EmptyRuns {
  facts: ListedFacts;
  seen: SeenAutomation[];
  count: number;
  statuses: readonly RunStatus[];
  window: TimeWindow;
  match: string | undefined;
  now: Date;
}

const words: Readonly<Record<RunStatus, string>> = {
  error: "failed",
  completed: "completed",
  running: "running",
  waiting_on_human: "waiting",
};

export function whyNoRuns(context: Pick<Context, "settings">, empty: EmptyRuns): string {
  const { facts, count, statuses, window, match, now } = empty;
  if (count > 0)
    return `nothing to list: ${noneIs(count, "run", oneOf(statuses.map((status) => words[status])))}`;
  const { names, selected } = facts;
  if (selected.length === 0 && names.length > 0)
    return noneMatches(match, names) ?? "nothing to list: --except leaves out everything";
  const last = lastRun(empty);
  if (last === undefined) return noRunsYet(context, empty);
  const isBefore = window.since !== undefined && Date.parse(last.at) < window.since.getTime();
  const inTime = "no run in this time";
  return isBefore ? `${inTime}; the last was ${ago(last.at, now)}: ${textOrDash(last.name)}` : inTime;
}

function lastRun({ facts, seen }: EmptyRuns): { at: string; name: string | null | undefined } | undefined {
  const read = seen.map(({ automation: { name }, last_run_at: at }) => ({ name, at }));
  const listed = facts.selected.map(({ name, last_run_at: at }) => ({ name, at }));
  return [...read, ...listed]
    .flatMap(({ name, at }) => (at ? [{ name, at }] : []))
    .reduce<{ at: string; name: string | null | undefined } | undefined>(
      (newest, each) => (newest === undefined || Date.parse(each.at) > Date.parse(newest.at) ? each : newest),
      undefined,
    );
}
