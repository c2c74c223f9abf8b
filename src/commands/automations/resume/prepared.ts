import type { Automation, DeploymentSummary } from "../../../api/types.js";
import type { InputOf } from "../../../command/declaration.js";
import type { DeploymentReading } from "../../../fleet/read-fleet.js";
import type { Selection } from "../../../fleet/selection.js";
import type { LedgerState } from "../../../incident/ledger-state.js";
import type { ResumeItem, ResumePlan } from "../../../incident/resume-selection.js";
import { Names } from "../../fleet/names.js";
import type { FleetRow } from "../../fleet/rows.js";
import type { FleetSession } from "../../fleet/session.js";
import type { LedgerChoice } from "../../incidents/ledger-choice.js";
import type { KeptItem } from "./kept.js";
import type { command } from "./resume.js";

/** Refs: only these of the incident; without any it asks first. */
export interface ResumeIncidentOptions extends InputOf<typeof command> {
  selection: Selection;
}

/** A resume whose fleet has been read: what it would do. */
export interface PreparedResume {
  session: FleetSession;
  options: ResumeIncidentOptions;
  choice: LedgerChoice;
  state: LedgerState;
  /** Every deployment of the incident that is still there. */
  deployments: readonly DeploymentSummary[];
  plan: ResumePlan;
  /** By `<deployment>/<automation>`. */
  current: ReadonlyMap<string, Automation>;
  /** What the incident kept from firing. */
  kept: readonly KeptItem[];
}

/** The deployments that several are about, each once. */
export function everyOf(
  { everyone }: Pick<FleetSession, "everyone">,
  prepared: readonly Pick<PreparedResume, "deployments">[],
): DeploymentSummary[] {
  const ids = new Set(prepared.flatMap(({ deployments }) => deployments.map((each) => each.deployment_id)));
  return everyone.filter(({ deployment_id }) => ids.has(deployment_id));
}

/** What was read of the deployments that one is about. */
export function readingsOf(
  { deployments }: Pick<PreparedResume, "deployments">,
  readings: readonly DeploymentReading[],
): DeploymentReading[] {
  const ids = new Set(deployments.map(({ deployment_id }) => deployment_id));
  return readings.filter(({ deployment }) => ids.has(deployment.deployment_id));
}

export function toResumeOf(prepared: readonly Pick<PreparedResume, "plan">[]): ResumeItem[] {
  return prepared.flatMap(({ plan }) => plan.toResume);
}

/** What people call all that the resume is about. */
export function namesOf({ session, plan, deployments }: PreparedResume): Names {
  const items = [...plan.toResume, ...plan.left.map(({ item }) => item)];
  return new Names(items, session.everyone, deployments.length > 1);
}

/** The incident as it was read after the last change. */
export interface ResumeReadBack {
  at: Date;
  rows: FleetRow[];
  /** Of all that it paused: how many are still paused, and how many can't be read. */
  stillPaused: number;
  unread: number;
  /** Wanted, not excluded, paused by the incident and still paused. */
  unmet: ResumeItem[];
  /** What is back although the answer was lost, by `<deployment>/<automation>`. */
  confirmed: ReadonlySet<string>;
  /** Nothing that it paused is still paused. */
  isOver: boolean;
}
