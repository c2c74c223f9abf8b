import type { Selection } from "../../../fleet/selection.js";
import { failingWord } from "../../../operations/rows/select-failing.js";
import { allAre, noMatchText } from "../../../operations/selection/why-empty.js";
import { relative } from "../../../output/time.js";
import { textOrDash } from "../../../output/value-text.js";
import type { ReadSoFar } from "../list/list-rows.js";
import type { AutomationRow } from "../shared/automation-columns.js";

export function whyNothingFires(
  enabled: readonly AutomationRow[],
  { listed, selected, names }: ReadSoFar,
  { selection: { match, failures }, now }: { selection: Selection; now: Date },
): string {
  if (listed === 0) return "there are no automations";
  if (selected === 0) return noMatchText(match, names) ?? "nothing will run: --except excludes everything";
  if (enabled.length === 0 && failures !== undefined)
    return `nothing will run: no enabled automation is ${failingWord(failures)}`;
  if (enabled.length === 0) return `nothing will run: ${allAre(selected, "paused")}`;
  const [next] = enabled
    .flatMap(({ automation: { name, next_run_at: at } }) => (at ? [{ name, at }] : []))
    .sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
  const window = "nothing will run in that period";
  return next === undefined
    ? window
    : `${window}; the next is ${textOrDash(next.name)} ${relative(next.at, now)}`;
}
