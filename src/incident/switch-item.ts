import { NotFoundError } from "../api/errors.js";
import type { Automation } from "../api/types.js";
import { patchAutomation } from "../changes/planned-change.js";
import type { ChangesContext, SendHooks } from "../changes/sending.js";
import type { KnownAutomation } from "../fleet/lists.js";
import type { ItemResult, Success } from "../fleet/outcome.js";
import { itemKey } from "../fleet/refs.js";
import type { SwitchAct } from "../history/change.js";
import { instructionsHash, type LedgerState } from "./ledger-state.js";
import type { Candidate } from "./scope.js";

export interface ChangeAnswer {
  result: "done" | "paused" | "enabled" | "gone";
  reason?: string;
  date?: string;
  updated_at?: string;
  instructions_sha256?: string | undefined;
  automation?: Automation;
}

export type ChangeResult<Item> = ItemResult<Item, ChangeAnswer>;

/** True if the API confirmed the desired state, in response to the change or to the GET before it. */
export const isAnsweredDone = ({ result }: ChangeAnswer) => result === "done" || result === "enabled";

/** Pauses or resumes one item. A 404 is `gone`, until a read shows whether it exists. */
export async function switchItem(
  context: ChangesContext,
  { deployment_id, automation_id }: Candidate,
  change: SwitchAct,
  resend: SendHooks["resend"] = () => undefined,
): Promise<Success<ChangeAnswer>> {
  let date: Date | undefined;
  try {
    const automation = await patchAutomation(context, {
      deployment_id,
      automation_id,
      fields: { enabled: change === "resume" },
      options: {
        beforeResend: async (state) => resend(state),
        onAnswer: (answer) => {
          date = answer.date ?? date;
        },
      },
    });
    return {
      result: "done",
      value: {
        result: "done",
        automation,
        date: date?.toISOString(),
        updated_at: automation.updated_at || undefined,
        instructions_sha256: instructionsHash(automation.instructions),
      },
    };
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    return { result: "unchanged", value: { result: "gone", reason: "the API answered 404" } };
  }
}

/** Lists an incident's automations for a read; a GET checks list items that contradict `results`. */
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
  const knownBy = target?.key_last4 ? `${incident} was started with the key …${target.key_last4}` : undefined;
  return { known, knownBy };
}
