import type { DeploymentSummary } from "../../api/types.js";
import type { Context } from "../../context/context.js";
import { type DeploymentTarget, listDeployments, type Selection, toTarget } from "../../fleet/selection.js";
import { type Reach, reachOf } from "../../operations/rows/reach.js";
import { chooseDeployments } from "../../operations/rows/session.js";
import { counted } from "../../output/count.js";

const listedEveryMs = 60_000;

/** The selected deployments, or all of them; listed again from time to time. */
export class WatchedDeployments {
  #existing: readonly DeploymentSummary[] = [];
  #all: readonly DeploymentTarget[] = [];
  #byId: ReadonlyMap<string, DeploymentTarget> = new Map();
  #listedMs: number | undefined;

  constructor(
    private readonly context: Context,
    private readonly selection: Selection,
  ) {}

  get all(): readonly DeploymentTarget[] {
    return this.#all;
  }

  get isFleet(): boolean {
    return this.#all.length !== 1;
  }

  get label(): string {
    if (this.#listedMs === undefined) return "the deployments";
    const [only] = this.#all;
    return only === undefined || this.isFleet ? counted(this.#all.length, "deployment") : only.name;
  }

  /** `leftOut` is the number of automations in them that aren't selected. */
  reach(leftOut: number): Reach | undefined {
    const { match } = this.selection;
    return reachOf({ deployments: this.#all, existing: this.#existing, match, leftOut });
  }

  find(deployment_id: string): DeploymentTarget | undefined {
    return this.#byId.get(deployment_id);
  }

  /**
   * Lists deployments once a minute to find new ones. Deployments missing from the list are still read, because they
   * may respond. Throws when the signal aborts, and the first time if they can't be listed.
   */
  async refresh(signal: AbortSignal): Promise<void> {
    const isFirst = this.#listedMs === undefined;
    if (this.#listedMs !== undefined && this.context.monotonic() - this.#listedMs < listedEveryMs) return;
    try {
      this.#take(await this.#list(signal));
    } catch (error) {
      if (isFirst) throw error;
      signal.throwIfAborted();
      this.#take([]);
    }
  }

  async #list(signal: AbortSignal): Promise<DeploymentTarget[]> {
    const { selection } = this;
    const existing = await listDeployments(await this.context.client(), undefined, signal);
    this.#existing = existing;
    const isNamed = selection.deployments.length > 0;
    return chooseDeployments(this.context, { selection, existing }).map((deployment) =>
      toTarget(deployment, { isNamed }),
    );
  }

  #take(listed: readonly DeploymentTarget[]): void {
    this.#byId = new Map([...this.#all, ...listed].map((target) => [target.deployment_id, target]));
    this.#all = [...this.#byId.values()];
    this.#listedMs = this.context.monotonic();
  }
}
