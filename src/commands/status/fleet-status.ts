import type { AutomationDetail, DeploymentSummary, Run } from "../../api/types.js";
import type { DeploymentReading } from "../../fleet/read-fleet.js";
import type { Selection } from "../../fleet/selection.js";
import type { BrokenIncident } from "../../incident/incident-folder.js";
import type { FleetItem } from "../../incident/pause-plan.js";
import type { SincePause } from "../../observe/unexpected.js";
import type { Names } from "../../operations/rows/names.js";
import type { Reach } from "../../operations/rows/reach.js";
import type { RunsReader, SinceReading } from "../../operations/rows/runs-reader.js";
import type { FleetFacts, ProblemRow } from "./facts.js";

export interface ListedStatus {
  /** The first line: the target, or the reach where that isn't all, but not with `--quiet`. Plain text. */
  title: string | undefined;
  reach: Reach | undefined;
  listCommand: string;
  lateFlags: string;
  /** Time by the server's clock. */
  at: Date;
  names: Names;
  deployments: readonly DeploymentSummary[];
  total: number;
  facts: FleetFacts;
  readings: readonly DeploymentReading[];
  /** Milliseconds by `monotonic`. */
  readMs: number;
  runsSincePause: SinceReading<FleetItem>;
  unreadable: readonly DeploymentReading[];
  /** Times by `monotonic` at which an earlier reading read those that can't be read now. */
  earlier: ReadonlyMap<string, number>;
  notReady: readonly DeploymentSummary[];
  broken: readonly BrokenIncident[];
  automationNames: readonly string[];
}

export interface ReadDetail {
  automation: AutomationDetail | undefined;
  run?: Run | undefined;
  question?: string | undefined;
  error?: unknown;
}

export interface StatusRow extends ProblemRow {
  called: string;
  deployments: readonly string[];
  since?: SincePause | undefined;
  detail?: ReadDetail | undefined;
  /** Milliseconds by `monotonic` of an earlier reading. */
  readMs?: number | undefined;
}

export interface FleetStatus extends ListedStatus {
  rows: readonly StatusRow[];
  /** Number of rows for which there is room. */
  room: number;
  /** Number of those that seem late and weren't read. */
  unproven: number;
  errors: readonly unknown[];
}

export interface StatusOptions {
  selection: Selection;
  /** The reading before: what can't have changed since isn't read again. */
  before?: FleetStatus | undefined;
  graceMs: number;
  reader: RunsReader;
  /** Rows for which there is room: at most so many are read by themselves. */
  room(draft: ListedStatus): number;
}
