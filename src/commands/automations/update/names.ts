import type { Context } from "../../../context.js";
import { NotPossibleError } from "../../../errors.js";
import type { Candidate } from "../../../incident/scope.js";
import { groupBy } from "../../../manifest/group-by.js";
import { listAutomations } from "../../../operations/selection/resolve-automations.js";
import { askForTakenName, idsNamed, refuseTakenName } from "../shared/taken-name.js";
import type { PlannedItem } from "./plan.js";

interface NameCheck {
  /** All that was read in the deployments of a selection; undefined: their lists are read. */
  allItems: readonly Pick<Candidate, "deployment_id" | "automation_id" | "name">[] | undefined;
  /** True for the one automation of a ref. */
  isSingle: boolean;
  /** True where a person can be asked about it. */
  asks: boolean;
  /** A deployment as it is shown. */
  nameOf(deployment_id: string): string;
}

/** Refuses a name that two automations of a deployment would have; of one automation a person is asked. */
export async function checkNames(
  context: Context,
  toUpdate: readonly PlannedItem[],
  { allItems, isSingle, asks, nameOf }: NameCheck,
): Promise<void> {
  const renamed = toUpdate.filter(({ changes }) => changes.name !== undefined);
  for (const [deployment_id, group] of groupBy(renamed, ({ item }) => item.deployment_id)) {
    const name = group[0]?.changes.name ?? "";
    const present =
      allItems?.filter((item) => item.deployment_id === deployment_id) ??
      (await listAutomations(context, deployment_id));
    const ids = idsNamed(name, present);
    if (isSingle && asks)
      await askForTakenName(context, { name, ids, question: "Give this one the same name?" });
    else if (isSingle) refuseTakenName(name, ids, "--allow-duplicate gives it that name anyway");
    else if (group.length + ids.length > 1)
      throw new NotPossibleError(
        `${group.length + ids.length} automations in ${nameOf(deployment_id)} would be named ${JSON.stringify(name)}`,
        { hint: "nothing was changed; choose one with --match or --except, or give --allow-duplicate" },
      );
  }
}
