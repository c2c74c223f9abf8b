import type { Context } from "../../../context/context.js";
import { NotPossibleError } from "../../../errors/errors.js";
import { type DeploymentTarget, listDeployments } from "../../../fleet/selection.js";
import type { DeploymentPlan } from "../../../manifest/plan/fleet-plan.js";
import { type PlanItem, unknownItem } from "../../../manifest/plan/plan-item.js";
import type { AutomationRecord, RecordEntry } from "../../../manifest/record/automation-record.js";
import { keyOf, keyOfName, nameInKey } from "../../../manifest/record/key.js";
import { reconcileRecord } from "../../../manifest/record/reconcile.js";
import type { DeploymentState } from "../../../manifest/state/deployment-state.js";
import type { DesiredItems } from "../../../manifest/state/desired-items.js";
import type { DesiredState } from "../../../manifest/state/desired-state.js";
import type { UnknownDeploymentError } from "../../../operations/rows/unknown-deployment.js";
import { counted, joinNames } from "../../../output/count.js";
import type { Printer } from "../../../output/printer.js";
import type { RecordWriter } from "./writer.js";

export const otherRecord = "--profile, --api-url or --local choose the API, --record another record";

type NameFilter = (automation: { automation_id: string; name: string }) => boolean;

const mostNamed = 3;

/** A record while a command plans by it, and perhaps writes it (src/manifest/README.md, "The record"). */
export class OpenRecord {
  readonly #desired = new Map<string, DesiredItems>();

  /** `recorder`: records each step of an apply; undefined where nothing is written. */
  constructor(
    readonly contents: AutomationRecord,
    readonly file: string,
    readonly recorder: RecordWriter | undefined,
    private readonly printer: Pick<Printer, "warn" | "note" | "hint">,
    readonly isNew: boolean,
  ) {}

  withRecord({ target, desired }: DesiredState, isAdopting = false): DesiredState {
    const { deployment_id } = target;
    const entries = this.contents.entriesOf(deployment_id);
    this.#desired.set(deployment_id, desired);
    return { target, desired: { ...desired, recorded: { entries, isAdopting } } };
  }

  /** Settles creates that an earlier apply left open; returns the states with the record's lines after that. */
  reconcile(states: readonly DeploymentState[]): DeploymentState[] {
    for (const { name, deployment_id, ids } of reconcileRecord(this.contents, states)) {
      this.printer.warn(
        `"${name}" in ${deployment_id}: unclear which of ${joinNames(ids)} an earlier apply made; none is in ${this.file}`,
      );
    }
    return states.map((state) => {
      const { isAdopting } = state.desired.recorded ?? {};
      return { ...state, ...this.withRecord(state, isAdopting) };
    });
  }

  /**
   * Adds automations, and drops all that it has in deployments; on the disk before it returns. Throws UnrecordedError where it
   * can't be written.
   */
  change({ entries, forget }: { entries: readonly RecordEntry[]; forget: readonly string[] }): void {
    for (const id of forget) this.contents.forget(id);
    for (const entry of entries) {
      const same = this.contents.entriesOf(entry.deployment_id).filter(({ key }) => key === entry.key);
      for (const old of same) this.contents.remove(old);
      this.contents.add(entry);
    }
    this.recorder?.writeNow();
  }

  /**
   * Throws NotPossibleError where this key sees none of its deployments, but for `gone`. `targets`: some that it sees.
   */
  async checkSeen(
    context: Context,
    { targets = [], gone = [] }: { targets?: readonly DeploymentTarget[]; gone?: readonly string[] },
  ): Promise<void> {
    const ids = new Set(this.contents.deploymentIds.filter((id) => !gone.includes(id)));
    if (ids.size === 0 || targets.some(({ deployment_id }) => ids.has(deployment_id))) return;
    const everyone = await listDeployments(await context.client(), undefined, context.signal);
    if (everyone.some(({ deployment_id }) => ids.has(deployment_id))) return;
    const these = ids.size === 1 ? "the deployment" : `any of the ${ids.size} deployments`;
    throw new NotPossibleError(`this key doesn't see ${these} of ${this.file}: nothing was sent`, {
      hint: `it may be another environment's key; ${otherRecord}`,
    });
  }

  /** The plan of a deployment of which nothing is known; undefined where nothing of it is selected. */
  unknownPlan(error: UnknownDeploymentError, includes: NameFilter): DeploymentPlan | undefined {
    const { deployment_id } = error;
    const entries = this.contents.entriesOf(deployment_id);
    const items = entries.map((entry) => unknownItem(entry, error));
    const included = items.filter(({ automation_id = "", name }) => includes({ automation_id, name }));
    if (included.length === 0) return undefined;
    const existingIds = new Set(entries.map(({ automation_id }) => automation_id));
    const target = { deployment_id, name: deployment_id, isNamed: false };
    return { target, items: included, existingIds, isSkipped: false, isUnseen: true };
  }

  /** Reports once what the record has in deployments that a run doesn't reach. `named`: ids of those that it does. */
  reportUnreached({ named, includes }: { named: ReadonlySet<string>; includes: NameFilter }): void {
    const elsewhere = this.contents.entries.filter(
      ({ deployment_id, automation_id, key }) =>
        !named.has(deployment_id) && includes({ automation_id, name: nameInKey(key) }),
    );
    if (elsewhere.length === 0) return;
    const ids = [...new Set(elsewhere.map(({ deployment_id }) => deployment_id))];
    this.printer.note(
      `${this.file} has ${counted(elsewhere.length, "automation")} in ${joinNames(ids, mostNamed)}, which this run doesn't reach: nothing is pruned there`,
    );
    this.printer.hint("to delete those: name the deployment in both deployments: and not:");
  }

  /**
   * Updates keys once all is sent, and drops what is gone where another one is there, `removed` names it, or, with
   * `prune`, no file does.
   */
  update(plans: readonly DeploymentPlan[], { prune }: { prune: boolean }): void {
    for (const plan of plans.filter(({ error, isSkipped }) => error === undefined && !isSkipped)) {
      for (const change of plan.items) this.#rename(plan.target.deployment_id, change);
      this.#forgetGone(plan, prune);
    }
  }

  #forgetGone({ target: { deployment_id }, existingIds }: DeploymentPlan, prune: boolean): void {
    const desired = this.#desired.get(deployment_id);
    if (desired === undefined) return;
    const named = new Set(desired.items.map(keyOf));
    const removed = new Set(desired.removed.flatMap(({ ref }) => [ref, keyOfName(ref)]));
    const entries = this.contents.entriesOf(deployment_id);
    const there = new Set(entries.flatMap((each) => (existingIds.has(each.automation_id) ? each.key : [])));
    for (const entry of entries.filter(({ automation_id }) => !existingIds.has(automation_id))) {
      const isUnnamed = prune && !named.has(entry.key);
      if (isUnnamed || there.has(entry.key) || removed.has(entry.key)) this.contents.remove(entry);
    }
  }

  #rename(deployment_id: string, { key, automation_id = "", error, mark }: PlanItem): void {
    const isKnown = this.contents.entryOf(deployment_id, automation_id) !== undefined;
    if (error === undefined && key !== undefined && isKnown)
      this.contents.add({ deployment_id, automation_id, key, mark });
  }

  close(): void {
    this.recorder?.close();
  }
}
