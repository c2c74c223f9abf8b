import type { Automation } from "../api/types.js";
import type { KnownAutomation } from "../fleet/lists.js";
import { itemKey } from "../fleet/refs.js";
import type { SwitchAct } from "../history/change.js";
import type { LedgerState } from "./ledger-state.js";
import type { Candidate } from "./scope.js";
import type { ChangeResult } from "./switch-item.js";

/** Names for a reading what an incident has; where a list says other than `results` were just answered, that is asked for. */
export function knownItems<Item extends Candidate>(
  state: LedgerState | undefined,
  sent?: { act: SwitchAct; results: readonly ChangeResult<Item>[] },
): { known: KnownAutomation[]; knownBy: string | undefined } {
  const isAsAnswered = (listed?: Automation) => listed?.enabled === (sent?.act === "resume");
  const answered = new Map(
    sent?.results.flatMap(({ item, outcome }) => {
      const isDone = "value" in outcome && outcome.value.result === "done";
      return "value" in outcome || outcome.result === "unknown"
        ? [[itemKey(item), { isAsAnswered, isInDoubt: !isDone }] as const]
        : [];
    }),
  );
  const known = [...(state?.items ?? [])].map(([key, { line }]) => ({
    deployment_id: line.deployment_id,
    automation_id: line.automation_id,
    ...answered.get(key),
  }));
  const { incident, target } = state?.head ?? {};
  const knownBy = target?.key_last4 ? `${incident} was started with …${target.key_last4}` : undefined;
  return { known, knownBy };
}
