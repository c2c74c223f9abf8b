import type { Context } from "../../context.js";
import type { IncidentInput } from "../incidents/incident-operation.js";
import type { UndoRequest } from "./plan.js";

/**
 * Takes back what one command changed for its incident: of a pause by a resume of what that one paused, of a resume by a pause
 * of what it brought back, edited since or not (src/incident/README.md, "Taking back").
 */
export async function undoIncident(
  context: Context,
  undoes: NonNullable<IncidentInput["undoes"]>,
  { dryRun, yes, concurrency, selection }: UndoRequest,
): Promise<void> {
  const { incident, items } = undoes.change;
  const how = { incident, dryRun, yes, concurrency, undoes };
  if (items.some(({ act }) => act === "resume")) {
    const { pauseIncident } = await import("../automations/pause/incident.js");
    const choice = { refs: [], selection, isSelection: false, isSingle: false };
    return pauseIncident(context, { ...how, choice });
  }
  const { resumeIncident } = await import("../automations/resume/incident.js");
  return resumeIncident(context, { ...how, refs: [], selection, includeChanged: false, catchUp: false });
}
