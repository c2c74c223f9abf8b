import type { Automation, DeploymentSummary } from "../../../api/types.js";
import type { Selection } from "../../../fleet/selection.js";
import type { LedgerState } from "../../../incident/ledger-state.js";
import type { ResumePlan } from "../../../incident/resume-selection.js";
import type { FleetSession } from "../../fleet/session.js";

export interface ResumeIncidentOptions {
  /** Only these of the incident; without any it asks first. */
  refs: readonly string[];
  selection: Selection;
  incident?: string | undefined;
  ledger?: string | undefined;
  includesChanged: boolean;
  isDryRun: boolean;
  isConfirmed: boolean;
  concurrency: number | undefined;
}

/** A resume whose fleet has been read: what it would do. */
export interface PreparedResume {
  session: FleetSession;
  options: ResumeIncidentOptions;
  state: LedgerState;
  /** Every deployment of the incident that is still there. */
  deployments: readonly DeploymentSummary[];
  plan: ResumePlan;
  /** By `<deployment>/<automation>`. */
  current: ReadonlyMap<string, Automation>;
}
