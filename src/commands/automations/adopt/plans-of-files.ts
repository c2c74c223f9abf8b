import type { Context } from "../../../context.js";
import type { DeploymentPlan } from "../../../manifest/plan/fleet-plan.js";
import { deletedSince, type PlanItem } from "../../../manifest/plan/plan-item.js";
import type { ManifestSet } from "../../../manifest/read/manifest-set.js";
import { counted, joinNames } from "../../../output/count.js";
import type { Printer } from "../../../output/printer.js";
import type { ManifestOptions } from "../manifest/file-flags.js";
import { makeSetPlans } from "../manifest/planning/plans.js";
import type { OpenRecord } from "../manifest/record/open-record.js";

const differs = "differs in";
const mostNamed = 10;

/** Plans what the files find, each once: what differs is skipped, unless `isDifferentToo`. */
export async function plansOfFiles(
  context: Context,
  {
    isDifferentToo,
    ...work
  }: {
    options: ManifestOptions;
    printer: Printer;
    set: ManifestSet;
    record: OpenRecord;
    isDifferentToo: boolean;
  },
): Promise<DeploymentPlan[]> {
  const { plans } = await makeSetPlans(context, { ...work, refusesUnmatched: true, isAdopting: true });
  const { record, printer } = work;
  const named = plans.flatMap(({ items }) =>
    items.filter(({ position, action }) => position !== undefined || action === "unknown"),
  );
  const missing = named.filter(({ action, reason }) => action === "create" || reason === deletedSince).length;
  if (missing > 0)
    printer.note(
      `${counted(missing, "automation")} of the manifests ${missing === 1 ? "doesn't" : "don't"} exist yet`,
    );
  const left = plans.reduce((sum, { existingIds }) => sum + existingIds.size, 0) - (named.length - missing);
  if (left > 0) printer.note(`skipped ${counted(left, "automation")} that the manifests don't name`);
  return plans.map((plan) => ({
    ...plan,
    items: plan.items.flatMap((planItem) => {
      const { action: planned, automation_id, position, reason } = planItem;
      if (planned === "unknown") return [planItem];
      const isFound = automation_id !== undefined && position !== undefined;
      if (!isFound) return planned === "skipped" ? [planItem] : [];
      if (reason === deletedSince) return [];
      const isKnown = record.contents.entryOf(plan.target.deployment_id, automation_id) !== undefined;
      const why = isKnown || isDifferentToo ? undefined : whyDifferent(planItem);
      const action = isKnown ? "unchanged" : why === undefined ? "adopt" : "skipped";
      return { ...planItem, action, reason: why, error: undefined, changes: undefined } as const;
    }),
  }));
}

/** The reason for what differs as diff compares, but for its name and whether it is paused; undefined for what is equal. */
function whyDifferent({ changes = {}, reason }: PlanItem): string | undefined {
  const fields = (["schedule", "instructions"] as const).filter((field) => changes[field] !== undefined);
  return fields.length === 0 || reason === "dst" ? undefined : `${differs} ${joinNames(fields)}`;
}

/** Names what was skipped since it differs. */
export function noteDifferent(printer: Printer, plans: readonly DeploymentPlan[]): void {
  const different = plans.flatMap(({ target, items }) =>
    items.flatMap(({ name, reason = "" }) =>
      reason.startsWith(differs) ? `"${name}" in ${target.name}` : [],
    ),
  );
  if (different.length === 0) return;
  const [differ, them] =
    different.length === 1
      ? ["it differs from the manifest", "it"]
      : ["they differ from the manifests", "them"];
  printer.note(`not adopted, since ${differ}: ${joinNames(different, mostNamed)}`);
  printer.hint(`--different adopts ${them} too`);
}
