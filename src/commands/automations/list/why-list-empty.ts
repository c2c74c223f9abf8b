import { failingWord, noneFailsText } from "../../../operations/rows/select-failing.js";
import { allAre, noMatchText, noneIs, oneOf } from "../../../operations/selection/why-empty.js";
import type { ReadSoFar, RowFilters } from "./list-rows.js";

export function whyNothingListed(
  { listed, selected, names }: ReadSoFar,
  { selection, enabled, unexpected, waiting, overdue }: RowFilters,
): string {
  if (listed === 0) return "nothing to list: --except excludes every deployment";
  if (selected === 0)
    return noMatchText(selection.match, names) ?? "nothing to list: --except excludes everything";
  const { failures } = selection;
  const problems = [
    unexpected && "unexpected",
    failures !== undefined && failingWord(failures),
    overdue && "overdue",
    waiting && "waiting",
  ].filter((word) => word !== false);
  const isOnlyProblem = problems.length === 1 && enabled === undefined;
  if (isOnlyProblem && failures !== undefined) return `nothing to list: ${noneFailsText(failures, selected)}`;
  if (problems.length === 0) return `nothing to list: ${allAre(selected, enabled ? "paused" : "enabled")}`;
  const state = enabled === undefined ? [] : [enabled ? "enabled" : "paused"];
  const what = [...state, oneOf(problems)].join(" and ");
  return `nothing to list: ${noneIs(selected, "automation", what)}`;
}
