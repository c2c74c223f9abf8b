import type { ScopeLine } from "../../../history/incident-lines.js";
import type { FleetItem, PausePlan } from "../../../incident/pause-plan.js";
import type { TargetChoice } from "../../fleet/read-scope.js";
import type { FleetSession } from "../../fleet/session.js";
import type { IncidentInput } from "../../incidents/incident-operation.js";
import type { Plan } from "../../operations/operation.js";

/** Options of a pause. `undoes`: what a resume brought back is paused again, into its incident; the choice narrows it. */
export interface PauseOptions extends IncidentInput {
  tell?: string | undefined;
  /** A selection asks first and makes an incident; refs alone do neither, unless an incident is named. */
  choice: TargetChoice;
}

export interface PauseWork {
  session: FleetSession;
  options: PauseOptions;
  scope: ScopeLine;
  plan: PausePlan;
  operationPlan: Plan<FleetItem>;
}
