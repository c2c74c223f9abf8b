import type { Context } from "../../../context.js";
import { itemKey } from "../../../fleet/refs.js";
import { claimsOf, holderAmong } from "../../../incident/claims.js";
import { isSameApi } from "../../../incident/identity.js";
import { IncidentFolder } from "../../../incident/incident-folder.js";
import type { LedgerPlace } from "../../../incident/ledger.js";
import { readHead, readPart } from "../../../incident/ledger-part.js";
import type { LedgerState } from "../../../incident/ledger-state.js";
import { readApiIdentity } from "../../fleet/identity.js";
import type { MarksOf } from "./incident-marks.js";

/** The marks of the open incidents of the API in force, for automations of these deployments. */
export async function readIncidentMarks(
  context: Context,
  deploymentIds: readonly string[],
): Promise<MarksOf> {
  const places = new IncidentFolder(context.settings).openPlaces();
  const states = (await readStates(context, { places, deploymentIds })).filter(
    ({ closed }) => closed === undefined,
  );
  const claims = claimsOf(states);
  const reasons = new Map(states.map(({ head }) => [head.incident, head.reason ?? undefined]));
  const { settings } = context;
  return (deploymentId, automation) => {
    const { automation_id } = automation;
    const rivals = claims.get(itemKey({ deployment_id: deploymentId, automation_id })) ?? [];
    const holder = holderAmong(rivals, automation);
    if (holder === undefined) return [];
    const { incident } = holder;
    const reason = reasons.get(incident);
    return [{ text: `held by ${settings.redact(incident)}`, reason: reason && settings.redact(reason) }];
  };
}

/** What these ledgers say of these deployments' automations, those of other APIs left out. One that can't be read says nothing. */
export async function readStates(
  context: Context,
  { places, deploymentIds }: { places: readonly LedgerPlace[]; deploymentIds: readonly string[] },
): Promise<LedgerState[]> {
  const { files } = context.settings;
  const heads = places.flatMap((place) => {
    const head = quietly(() => readHead(files, place));
    return head === undefined ? [] : [{ place, head }];
  });
  if (heads.length === 0) return [];
  const api = await readApiIdentity(context, await context.client());
  const wanted = new Set(deploymentIds);
  return heads
    .filter(({ head }) => isSameApi(head.target, api))
    .flatMap(({ place }) => quietly(() => readPart(files, place, wanted)) ?? []);
}

/** What can't be read marks nothing: `incidents list` tells why. */
function quietly<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
