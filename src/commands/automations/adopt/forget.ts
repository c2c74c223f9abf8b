import { refuseTogether } from "../../../command-line/flag-values.js";
import type { Context } from "../../../context.js";
import { NothingFoundError, NotPossibleError } from "../../../errors.js";
import { Mistakes } from "../../../manifest/mistake.js";
import type { DeploymentPlan } from "../../../manifest/plan/fleet-plan.js";
import { chooseRecord, type FoundRecord } from "../../../manifest/record/choose.js";
import { nameInKey } from "../../../manifest/record/key.js";
import { unreadableText } from "../../../operations/rows/unknown-deployment.js";
import { joinNames } from "../../../output/count.js";
import { askFor } from "../manifest/planning/targets.js";
import type { OpenRecord } from "../manifest/record/open-record.js";
import type { AdoptInput } from "./input.js";

/** Finds the record that flags name, or that is beside the manifests or here; undefined where there is none. */
export async function recordOf(
  { settings }: Pick<Context, "settings">,
  { file, record: flag, forget }: AdoptInput,
): Promise<FoundRecord | undefined> {
  refuseTogether({ "--forget": forget[0], "-d": settings.flags.deployments[0] });
  const mistakes = new Mistakes();
  const { found } = await chooseRecord(file.length > 0 ? file : ["."], {
    flag,
    cwd: settings.environment.cwd,
    mistakes,
  });
  mistakes.throwIfAny();
  return found;
}

/**
 * Plans to drop what the record has in deployments, each of which is asked for by one GET. Throws NothingFoundError where it
 * has nothing there, NotPossibleError for one that is seen, and UnknownDeploymentError where nobody can say.
 */
export async function plansToForget(
  context: Context,
  { ids, record }: { ids: readonly string[]; record: OpenRecord },
): Promise<DeploymentPlan[]> {
  const { contents, file } = record;
  const strange = ids.filter((id) => contents.entriesOf(id).length === 0);
  if (strange.length > 0)
    throw new NothingFoundError(`${file} has nothing in ${joinNames(strange)}`, {
      hint: "it names deployments by id; nothing was changed",
    });
  const { found, unknown } = await askFor(context, ids);
  const [seen] = found;
  if (seen !== undefined)
    throw new NotPossibleError(`${seen.name} (${seen.deployment_id}) can be seen: nothing was changed`, {
      hint: `with not: {deployments: [${seen.deployment_id}]} in the manifests, apply --prune deletes what is yours there`,
    });
  const unread = unknown.find(({ isUnseen }) => !isUnseen);
  if (unread !== undefined) throw unread;
  await record.checkSeen(context, { gone: ids });
  return unknown.map(({ deployment_id, cause }) => ({
    target: { deployment_id, name: deployment_id, isNamed: true },
    items: contents.entriesOf(deployment_id).map(({ key, automation_id }) => ({
      action: "forget",
      name: nameInKey(key),
      key,
      automation_id,
      reason: unreadableText(cause),
    })),
    existingIds: new Set<string>(),
    isSkipped: false,
  }));
}
