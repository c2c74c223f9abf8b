import type { Automation } from "../../../api/types.js";
import type { Selection } from "../../../fleet/selection.js";
import { relative } from "../../../output/time.js";
import { textOrDash } from "../../../output/value-text.js";
import { allAre, noneMatches } from "../../targets/why-empty.js";

export interface ReadFacts {
  names: string[];
  selected: Pick<Automation, "name" | "enabled" | "schedule" | "next_run_at">[];
}

export function whyNothingFires(
  { names, selected }: ReadFacts,
  { selection: { match }, now }: { selection: Selection; now: Date },
): string {
  if (names.length === 0) return "nothing runs: there are no automations";
  if (selected.length === 0) return noneMatches(match, names) ?? "nothing runs: --except excludes everything";
  const enabled = selected.filter((each) => each.enabled !== false);
  if (enabled.length === 0) return `nothing runs: ${allAre(selected.length, "paused")}`;
  const [next] = enabled
    .flatMap(({ name, next_run_at: at }) => (at ? [{ name, at }] : []))
    .sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
  const window = "nothing runs in this time";
  return next === undefined
    ? window
    : `${window}; the next is ${textOrDash(next.name)} ${relative(next.at, now)}`;
}
