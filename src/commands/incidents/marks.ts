import type { Context } from "../../context.js";
import { claimsOf, holderAmong } from "../../incident/claims.js";
import { IncidentFolder } from "../../incident/incident-folder.js";
import { itemKey } from "../../incident/ledger-state.js";
import { readOpenStates } from "../../incident/open-states.js";
import type { MarksOf } from "../incident-marks.js";
import { readApiIdentity } from "./fleet-session.js";

/** The marks of the open incidents of the API in force. */
export async function readIncidentMarks(context: Context): Promise<MarksOf> {
  if (new IncidentFolder(context.settings).listOpen().known.length === 0) return () => [];
  const api = await readApiIdentity(context, await context.client());
  const { states } = readOpenStates(context.settings, { api });
  const claims = claimsOf(states);
  return (deploymentId, automation) => {
    const { automation_id } = automation;
    const rivals = claims.get(itemKey({ deployment_id: deploymentId, automation_id })) ?? [];
    const holder = holderAmong(rivals, automation);
    return holder === undefined ? [] : [`held by ${holder.incident}`];
  };
}
