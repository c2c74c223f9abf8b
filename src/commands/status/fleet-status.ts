import type { DeploymentSummary } from "../../api/types.js";
import type { DeploymentReading } from "../../fleet/read-fleet.js";
import type { Selection } from "../../fleet/selection.js";
import type { BrokenIncident } from "../../incident/incident-folder.js";
import type { FleetItem } from "../../incident/pause-plan.js";
import type { SincePause } from "../../observe/unexpected.js";
import type { Names } from "../fleet/names.js";
import type { SincePauseReader, SinceReading } from "../fleet/since-pause.js";
import type { ReadDetail } from "./details.js";
import type { FleetFacts, ProblemRow } from "./facts.js";

/** What the lists alone tell. */
export interface ListedStatus {
  /** The target, as every plan begins. */
  target: string;
  /** The command that lists the same automations, to which filters are added. */
  list: string;
  /** What lists those that are late. */
  lateFlags: string;
  /** By the server's clock. */
  at: Date;
  /** Of all that were read. */
  names: Names;
  /** Those that were looked at. */
  deployments: readonly DeploymentSummary[];
  /** How many the account has. */
  total: number;
  facts: FleetFacts;
  readings: readonly DeploymentReading[];
  /** When they were read, by `monotonic`. */
  readMs: number;
  /** What ran of what is paused. */
  ran: SinceReading<FleetItem>;
  /** Deployments that couldn't be read, or not whole. */
  unreadable: readonly DeploymentReading[];
  /** Those of them that are as an earlier look read them, and when that was, by `monotonic`. */
  earlier: ReadonlyMap<string, number>;
  /** Deployments that are still provisioning: no failure. */
  notReady: readonly DeploymentSummary[];
  /** Incidents whose ledgers can't be read: what they hold isn't known. */
  broken: readonly BrokenIncident[];
  /** The names of all automations, before `--match`. */
  known: readonly string[];
}

export interface StatusRow extends ProblemRow {
  /** What people call it. */
  called: string;
  /** The names of where it is, each once; none where only one deployment was looked at. */
  deployments: readonly string[];
  /** What ran of it although it was paused. */
  since?: SincePause | undefined;
  /** Absent: it wasn't read. */
  detail?: ReadDetail | undefined;
  /** Of an earlier look: when it was read, by `monotonic`. */
  readMs?: number | undefined;
}

/** The fleet at one moment. */
export interface FleetStatus extends ListedStatus {
  /** What needs a look, the worst first. Those that there is room for were read. */
  rows: readonly StatusRow[];
  /** How many automations are late. */
  late: number;
  /** How many seem late by how they were listed, and weren't read. */
  unproven: number;
  /** What kept automations from being read. */
  errors: readonly unknown[];
}

export interface StatusOptions {
  selection: Selection;
  everyone: readonly DeploymentSummary[];
  /** No bar: something else is on the screen. */
  isSilent: boolean;
  /** Equal names are one row. */
  isFolded: boolean;
  /** The look before: what can't have changed since isn't read again. */
  before?: FleetStatus | undefined;
  /** What is due may be so late. */
  graceMs: number;
  /** Reads what ran of what is paused: what it judged before isn't read again. */
  reader: SincePauseReader;
  /** For how many rows there is room beside what is told above them: at most so many are read by themselves. */
  room(draft: ListedStatus): number;
}
