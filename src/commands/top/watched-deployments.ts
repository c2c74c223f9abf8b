import type { Context } from "../../context.js";
import {
  type DeploymentTarget,
  type Selection,
  selectDeployments,
  selectsDeployments,
} from "../../fleet/selection.js";
import { counted } from "../../output/count.js";
import { currentDeployment, resolveDeployments } from "../targets/resolve-deployment.js";
import { withoutQuestions } from "./row-action.js";

const listedEveryMs = 60_000;

/**
 * The selected deployments, else the one in use, else all; those that nobody named are listed again from time to time.
 */
export class WatchedDeployments {
  #all: readonly DeploymentTarget[] = [];
  #byId: ReadonlyMap<string, DeploymentTarget> = new Map();
  #listedMs: number | undefined;

  constructor(
    private readonly context: Context,
    private selection: Selection,
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

  find(deployment_id: string): DeploymentTarget | undefined {
    return this.#byId.get(deployment_id);
  }

  /**
   * Lists them anew once a minute, for new ones: what this list lacks is read as before, and may answer still. Throws
   * when the signal ends it, and the first time what `resolveDeployments` throws.
   */
  async refresh(signal: AbortSignal): Promise<void> {
    if (this.#listedMs === undefined) return this.#choose(signal);
    const { customer, allDeployments } = this.selection;
    const isOpen = allDeployments || customer !== undefined;
    if (!isOpen || this.context.monotonic() - this.#listedMs < listedEveryMs) return;
    const client = await this.context.client();
    const listed = await selectDeployments(client, this.selection, signal).catch(() => []);
    signal.throwIfAborted();
    this.#take(listed);
  }

  async #choose(signal: AbortSignal): Promise<void> {
    const context = withoutQuestions(this.context, signal);
    const isChosen = selectsDeployments(this.selection) || (await currentDeployment(context)) !== undefined;
    if (!isChosen) this.selection = { ...this.selection, allDeployments: true };
    this.#take(await resolveDeployments(context, this.selection));
  }

  #take(listed: readonly DeploymentTarget[]): void {
    this.#byId = new Map([...this.#all, ...listed].map((target) => [target.deployment_id, target]));
    this.#all = [...this.#byId.values()];
    this.#listedMs = this.context.monotonic();
  }
}
