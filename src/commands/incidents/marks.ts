import type { Context } from "../../context.js";
import { readHolders } from "../../incident/holders.js";
import { IncidentFolder } from "../../incident/incident-folder.js";
import { itemKey } from "../../incident/ledger-state.js";
import type { MarksOf } from "../incident-marks.js";
import { readApiIdentity } from "./fleet-session.js";

/** The marks of the open incidents of the API in force. */
export async function readIncidentMarks(context: Context): Promise<MarksOf> {
  if (new IncidentFolder(context.settings).listOpen().known.length === 0) return () => [];
  const api = await readApiIdentity(context, await context.client());
  const { byItem } = readHolders(context.settings, { api });
  return (deploymentId, { automation_id, enabled }) => {
    const holder = byItem.get(itemKey({ deployment_id: deploymentId, automation_id }));
    return holder === undefined || enabled ? [] : [`held by ${holder.incident}`];
  };
}
