import type { Automation } from "../../../api/types.js";
import type { InputOf } from "../../../command/declaration.js";
import type { Selection } from "../../../fleet/selection.js";
import type { Change } from "../../../history/change.js";
import type { LedgerState } from "../../../incident/ledger-state.js";
import type { ResumeItem, ResumePlan } from "../../../incident/resume-selection.js";
import type { Names } from "../../fleet/names.js";
import type { FleetSession } from "../../fleet/session.js";
import type { LedgerChoice } from "../../incidents/ledger-choice.js";
import type { Plan } from "../../operations/operation.js";
import type { KeptItem } from "./kept.js";
import type { command } from "./resume.js";

export interface ResumeOptions
  extends Pick<
    InputOf<typeof command>,
    "incident" | "ledger" | "includeChanged" | "catchUp" | "dryRun" | "yes" | "concurrency"
  > {
  /** Only these of the incident; without any it asks first. */
  refs: readonly string[];
  selection: Selection;
  /** Only what this change paused is brought back, which is taken back so. */
  undoes?: Pick<Change, "id" | "items">;
}

/** A resume whose fleet has been read: what it would do. */
export interface PreparedResume {
  session: FleetSession;
  options: ResumeOptions;
  choice: LedgerChoice;
  state: LedgerState;
  plan: ResumePlan;
  /** By `<deployment>/<automation>`. */
  current: ReadonlyMap<string, Automation>;
  /** What the incident kept from firing. */
  kept: readonly KeptItem[];
  names: Names;
  shown: Plan<ResumeItem>;
}
