import { NotFoundError } from "../../../api/errors.js";
import type { Context } from "../../../context.js";
import type { Success } from "../../../fleet/outcome.js";
import { judgeResume, type ResumeItem } from "../../../incident/resume-plan.js";
import { type ChangeAnswer, switchItem } from "../../../incident/switch-item.js";

/** Enables an item after a last check, since the plan may be as old as the question. */
export async function sendResume(
  context: Context,
  item: ResumeItem,
  { includeChanged }: { includeChanged: boolean },
): Promise<Success<ChangeAnswer>> {
  const skipped = await whySkipped(context, item, includeChanged);
  return skipped === undefined
    ? switchItem(context, item, "resume")
    : { result: "unchanged", value: skipped };
}

async function whySkipped(
  context: Context,
  { deployment_id, automation_id, ledgerItem, owners }: ResumeItem,
  includesChanged: boolean,
): Promise<ChangeAnswer | undefined> {
  const { automations } = await context.client();
  try {
    const current = await automations.get(deployment_id, automation_id, { signal: context.signal });
    if (current.enabled) return { result: "enabled", reason: "already enabled again" };
    const verdict = judgeResume(ledgerItem, current, { owners, includesChanged });
    if (verdict.verdict === "resume" || verdict.verdict === "back") return undefined;
    return { result: verdict.verdict, reason: verdict.reason };
  } catch (error) {
    if (error instanceof NotFoundError) return { result: "gone", reason: "deleted" };
    throw error;
  }
}
