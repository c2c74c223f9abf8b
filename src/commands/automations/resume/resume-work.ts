import type { Selection } from "../../../fleet/selection.js";
import type { LedgerState } from "../../../incident/ledger-state.js";
import type { ResumeItem, ResumePlan } from "../../../incident/resume-plan.js";
import type { Names } from "../../fleet/names.js";
import type { FleetSession } from "../../fleet/session.js";
import type { IncidentInput } from "../../incidents/incident-operation.js";
import type { Plan } from "../../operations/operation.js";

/** Options of a resume. `undoes`: only what that paused is brought back. */
export interface ResumeOptions extends IncidentInput {
  includeChanged: boolean;
  catchUp: boolean;
  /** Refs that narrow the incident; without any it asks first. */
  refs: readonly string[];
  selection: Selection;
}

export interface ResumeWork {
  session: FleetSession;
  options: ResumeOptions;
  state: LedgerState;
  plan: ResumePlan;
  names: Names;
  operationPlan: Plan<ResumeItem>;
}
