import { allAre, noneIs, noneMatches, oneOf } from "../../targets/why-empty.js";
import type { ReadCounts, RowFilters } from "./rows.js";

export function whyNothingListed(
  { total, selected, names }: ReadCounts,
  {
    selection: { match },
    enabled,
    unexpected,
    failing,
    waiting,
    isLate,
  }: Omit<RowFilters, "isLate"> & { isLate: boolean; unexpected: boolean },
): string {
  if (total === 0) return "nothing to list: --except leaves out every deployment";
  if (selected === 0) return noneMatches(match, names) ?? "nothing to list: --except leaves out everything";
  const problems = [
    unexpected && "unexpected",
    failing && "failing",
    isLate && "late",
    waiting && "waiting",
  ].filter((word) => word !== false);
  if (problems.length === 0) return `nothing to list: ${allAre(selected, enabled ? "paused" : "enabled")}`;
  const state = enabled === undefined ? [] : [enabled ? "enabled" : "paused"];
  const what = [...state, oneOf(problems)].join(" and ");
  return `nothing to list: ${noneIs(selected, "automation", what)}`;
}
