import { PartialFailureError } from "../../../../errors.js";
import { groupBy } from "../../../../manifest/group-by.js";
import type { DeploymentPlan } from "../../../../manifest/plan/fleet-plan.js";
import { notOurs } from "../../../../manifest/plan/plan-item.js";
import { counted } from "../../../../output/count.js";
import type { Printer } from "../../../../output/printer.js";

const isTwin = ({ reason = "" }: { reason?: string }) => reason.startsWith("twin of ");

function skippedIn(plans: readonly DeploymentPlan[]) {
  return plans.flatMap(({ target, items }) =>
    items.flatMap((item) =>
      item.action === "skipped" && (item.reason === notOurs || isTwin(item)) ? [{ ...item, target }] : [],
    ),
  );
}

/** Warns about duplicates of automations in the record. */
export function warnOfDuplicates(printer: Pick<Printer, "warn">, plans: readonly DeploymentPlan[]): void {
  for (const [name, [first, ...others]] of groupBy(skippedIn(plans).filter(isTwin), (each) => each.name)) {
    const { automation_id, reason, target } = first ?? {};
    const more = others.length === 0 ? "" : `, and ${others.length} more like it`;
    printer.warn(
      `"${name}" runs twice in ${target?.name}: ${automation_id} is a ${reason}, and not in the record${more}; apply --remove-twins deletes it`,
    );
  }
}

/** The error of `--strict` where something was skipped because the record doesn't have it. */
export function strictFailure(plans: readonly DeploymentPlan[]): PartialFailureError | undefined {
  const skipped = skippedIn(plans);
  if (skipped.length === 0) return undefined;
  return new PartialFailureError(`${counted(skipped.length, "automation")} skipped, as not ours`, {
    hint: "not: on an item leaves out a customer or deployment; automations adopt <ref> adds one to the record; --remove-twins deletes copies",
  });
}
