import type { Context } from "../../../context.js";
import { holderOf, readHeldLedgers } from "../../../incident/held.js";
import { isSameApi } from "../../../incident/identity.js";
import type { LedgerPlace } from "../../../incident/ledger.js";
import { readHead, readPart } from "../../../incident/ledger-part.js";
import type { LedgerState } from "../../../incident/ledger-state.js";
import { readApiIdentity } from "../../fleet/identity.js";
import type { MarksOf } from "./incident-marks.js";

/** The marks of the open incidents of the API in force. */
export async function readIncidentMarks(context: Context): Promise<MarksOf> {
  const { settings } = context;
  const { held } = readHeldLedgers(settings);
  if (held.length === 0) return () => [];
  const api = await readApiIdentity(context, await context.client());
  const holderAt = holderOf(settings, { held, api });
  return (deployment_id, automation) => {
    const holder = holderAt({ deployment_id, automation_id: automation.automation_id }, automation);
    if (holder === undefined) return [];
    const { incident, reason } = holder;
    return [
      { text: `held by ${settings.redact(incident)}`, reason: reason ? settings.redact(reason) : undefined },
    ];
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
