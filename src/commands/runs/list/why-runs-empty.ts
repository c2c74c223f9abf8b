import type { RunStatus } from "../../../api/types.js";
import { commandLine, sameDeployment } from "../../../command-line/next-command.js";
import type { TimeWindow } from "../../../command-line/time-window.js";
import type { Context } from "../../../context/context.js";
import { noMatchText, oneOf } from "../../../operations/selection/why-empty.js";
import { counted } from "../../../output/count.js";
import { ago } from "../../../output/time.js";
import { textOrDash } from "../../../output/value-text.js";
import type { ListedFacts, SeenAutomation } from "./runs-reach.js";

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
  const { facts, seen, count, statuses, window, match, now } = empty;
  const { names, selected } = facts;
  if (count > 0) {
    const wanted = oneOf(statuses.map((status) => words[status]));
    return `nothing to list: ${counted(count, "run")}, ${count === 1 ? "not" : "none"} ${wanted}`;
  }
  if (selected.length === 0 && names.length > 0)
    return noMatchText(match, names) ?? "nothing to list: --except excludes everything";
  const last = lastRun(empty);
  if (last === undefined) return noRunsYet(context, seen);
  const isBefore = window.since !== undefined && Date.parse(last.at) < window.since.getTime();
  const inTime = "no runs in that period";
  return isBefore ? `${inTime}; the last was ${ago(last.at, now)}: ${textOrDash(last.name)}` : inTime;
}

function lastRun({ facts, seen }: EmptyRuns) {
  const read = seen.map(({ automation: { name }, last_run_at: at }) => ({ name, at }));
  const listed = facts.selected.map(({ listed: each }) => ({ name: each?.name, at: each?.last_run_at }));
  const [newest] = [...read, ...listed]
    .flatMap(({ name, at }) => (at ? [{ name, at }] : []))
    .sort((one, other) => Date.parse(other.at) - Date.parse(one.at));
  return newest;
}

function noRunsYet(context: Pick<Context, "settings">, seen: readonly SeenAutomation[]): string {
  const [only, ...others] = seen;
  const isOne = only !== undefined && others.length === 0;
  const what = isOne ? [`${only.deployment_id}/${only.automation.automation_id}`] : sameDeployment(context);
  return `no runs yet; to start one: ${commandLine(context, ["automations", "trigger", ...what])}`;
}
