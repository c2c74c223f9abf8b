import type { Context } from "../../../context.js";
import { claimsOf, holderAmong } from "../../../incident/claims.js";
import { isSameApi } from "../../../incident/identity.js";
import { IncidentFolder } from "../../../incident/incident-folder.js";
import { readHead, readPart } from "../../../incident/ledger-part.js";
import { itemKey } from "../../../incident/ledger-state.js";
import { readApiIdentity } from "../../fleet/session.js";
import type { MarksOf } from "./incident-marks.js";

/** The marks of the open incidents of the API in force, for automations of these deployments. */
export async function readIncidentMarks(
  context: Context,
  deploymentIds: readonly string[],
): Promise<MarksOf> {
  const { files } = context.settings;
  const heads = new IncidentFolder(context.settings).openPlaces().flatMap((place) => {
    const head = quietly(() => readHead(files, place));
    return head === undefined ? [] : [{ place, head }];
  });
  if (heads.length === 0) return () => [];
  const api = await readApiIdentity(context, await context.client());
  const wanted = new Set(deploymentIds);
  const states = heads
    .filter(({ head }) => isSameApi(head.target, api))
    .flatMap(({ place }) => quietly(() => readPart(files, place, wanted)) ?? [])
    .filter(({ closed }) => closed === undefined);
  const claims = claimsOf(states);
  return (deploymentId, automation) => {
    const { automation_id } = automation;
    const rivals = claims.get(itemKey({ deployment_id: deploymentId, automation_id })) ?? [];
    const holder = holderAmong(rivals, automation);
    return holder === undefined ? [] : [`held by ${holder.incident}`];
  };
}

/** What can't be read marks nothing: `incidents list` tells why. */
function quietly<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
