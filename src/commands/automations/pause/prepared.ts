import type { DeploymentSummary } from "../../../api/types.js";
import type { InputOf } from "../../../command/declaration.js";
import type { DeploymentReading } from "../../../fleet/read-fleet.js";
import type { RunsUnderWay } from "../../../fleet/runs-under-way.js";
import type { Selection } from "../../../fleet/selection.js";
import type { ChangeResult } from "../../../incident/change.js";
import type { ScopeLine } from "../../../incident/ledger-lines.js";
import type { FleetItem, PausePlan } from "../../../incident/pause-plan.js";
import type { ToldRun } from "../../../incident/tell.js";
import { Names } from "../../fleet/names.js";
import type { FleetRow } from "../../fleet/rows.js";
import type { FleetSession } from "../../fleet/session.js";
import type { command } from "./pause.js";

export interface PauseIncidentOptions extends InputOf<typeof command> {
  selection: Selection;
  /** A selection asks first and is kept in a ledger; refs alone are neither, unless an incident is named. */
  isSelection: boolean;
}

/** One ref and no selection: what came of it is told as of one automation. */
export function isSingle({ isSelection, refs }: PauseIncidentOptions): boolean {
  return !isSelection && refs.length === 1;
}

/** A pause whose fleet has been read: what it covers and what it would do. */
export interface PreparedPause {
  session: FleetSession;
  options: PauseIncidentOptions;
  scope: ScopeLine;
  deployments: readonly DeploymentSummary[];
  plan: PausePlan;
}

/** What people call all that the pause is about. */
export function namesOf({ session, plan, deployments }: PreparedPause): Names {
  const items = [...plan.toPause, ...plan.untouched.map(({ item }) => item)];
  return new Names(items, session.everyone, deployments.length > 1);
}

/** The fleet as it was read after the last change. */
export interface PauseReadBack {
  at: Date;
  /** What was selected, as it is now. */
  items: FleetItem[];
  unreadable: DeploymentReading[];
  /** Whether anything could be read. */
  isReadable: boolean;
  /** Of the items that were to be paused, judged by what was read; and of what is enabled besides. */
  rows: FleetRow[];
}

/** What a pause did: everything that its summary and its exit code are made from. */
export interface PauseOutcome {
  results: ChangeResult<FleetItem>[];
  /** Undefined after Ctrl-C. */
  readBack: PauseReadBack | undefined;
  /** Undefined: they weren't read. */
  runs: RunsUnderWay<FleetItem> | undefined;
  told: ToldRun[];
  /** How many unexpected runs from before it are reported, and count no more. */
  acknowledged: number;
  rows: FleetRow[];
}
