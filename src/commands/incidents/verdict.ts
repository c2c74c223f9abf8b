import { commandLine, flagWords } from "../../command-line/next-command.js";
import type { Context } from "../../context.js";
import { itemKey } from "../../fleet/refs.js";
import type { ScopeLine } from "../../history/incident-lines.js";
import { countEnabled, isContained } from "../../incident/check.js";
import { Names } from "../../operations/rows/names.js";
import { nothingOf } from "../../operations/rows/reach.js";
import { selectionWords } from "../../operations/selection/selection.js";
import { counted } from "../../output/count.js";
import type { IncidentView } from "./check-view.js";

const mostRefs = 10;

/** The sum of a check of an open incident, and the command for what is next. Plain text. */
export function verdictText(context: Context, view: IncidentView): string {
  const { state, check, reach } = view;
  const { incident } = state.head;
  const herm = (...words: string[]) => commandLine(context, words);
  const close = herm("incidents", "close", incident);
  const resume = herm("automations", "resume", ...flagWords("--incident", incident));
  const own = check.items.filter(({ was_enabled }) => was_enabled === true);
  const count = (...states: string[]) => own.filter((item) => states.includes(item.state)).length;
  const paused = count("paused", "skipped");
  const unknown = check.items.filter((item) => item.state === "unknown").length;
  if (check.resumedByRef > 0) return pauseText(context, view);
  if (count("resumed") > 0 && paused > 0) return `${paused} of ${own.length} still paused: ${resume}`;
  if (count("resumed") === 0 && countEnabled(check) > 0) return pauseText(context, view);
  if (unknown > 0) return `${unknown} unknown, so ${incident} stays open until: ${close}`;
  if (check.unreadable.length > 0)
    return `${counted(check.unreadable.length, "deployment")} not checked: ${herm("incidents", "show", incident)}`;
  if (paused === 0) return `everything is resumed: ${close}`;
  if (!isContained(check)) return `${paused} paused: ${resume}`;
  const good = reach === undefined ? "all of it is paused" : `${nothingOf(reach)} is enabled`;
  return `${good}; to resume it: ${resume}`;
}

/** The same pause again for what is enabled, or was resumed by ref while the rest is paused. */
function pauseText(context: Context, { state, check, deployments }: IncidentView): string {
  const { incident } = state.head;
  const [enabledCount, { resumedByRef }] = [countEnabled(check), check];
  const enabled = [
    ...(enabledCount > 0 ? [`${enabledCount} enabled`] : []),
    ...(resumedByRef > 0 ? [`${resumedByRef} resumed by ref`] : []),
  ].join(", ");
  const [scope, ...others] = state.scopes;
  const refs = scope?.automations ?? [];
  if (scope === undefined || others.length > 0 || refs.length > mostRefs)
    return `${enabled}: the same pause with --incident ${incident} pauses what is enabled`;
  const names = new Names(check.items, deployments);
  const known = new Map(check.items.map((item) => [itemKey(item), item]));
  const refOf = (key: string) => {
    const item = known.get(key);
    return item === undefined ? key : names.ref(item);
  };
  const words = scopeWords(scope, { names, refs: refs.map(refOf) });
  return `${enabled}: ${commandLine(context, ["automations", "pause", ...words, ...flagWords("--incident", incident)])}`;
}

function scopeWords(
  { deployments, customer, match, except, automations }: ScopeLine,
  { names, refs }: { names: Names; refs: readonly string[] },
): string[] {
  if (automations !== undefined) return [...refs];
  const isOfAllDeployments = customer === undefined && deployments === undefined;
  const selected = selectionWords({
    deployments: deployments?.map((id) => names.deployment(id)),
    customer,
    allDeployments: isOfAllDeployments,
    match,
    except,
  });
  return [...selected, ...(deployments !== undefined && match === undefined ? ["--all"] : [])];
}
