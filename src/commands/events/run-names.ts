import type { Automation, AutomationDetail } from "../../api/types.js";
import type { Context } from "../../context.js";
import { cachedRun, cacheRuns } from "../../runs/run-cache.js";

export interface RunName {
  name: string | null | undefined;
  started_at: string | undefined;
}

/** Milliseconds that a head waits for its name. */
const mostWaitMs = 2_000;
/** A run that is new is of an automation that ran last, or that is running. */
const mostRead = 3;
const mostRunning = 8;
const mostKnown = 5_000;

/**
 * Finds the automations of a stream's runs. The API has no call for one run, and events don't say: those that ran last
 * are read, a few requests a run.
 */
export class RunNames {
  readonly #known = new Map<string, RunName>();
  readonly #asked = new Map<string, Promise<RunName | undefined>>();

  constructor(
    private readonly context: Context,
    private readonly deployment_id: string,
  ) {}

  /** Never throws; looks for each run once. */
  find(run_id: string): Promise<RunName | undefined> {
    const asked = this.#asked.get(run_id) ?? this.#findRun(run_id).catch(() => undefined);
    if (this.#asked.size >= mostKnown) this.#asked.clear();
    this.#asked.set(run_id, asked);
    return asked;
  }

  async #findRun(run_id: string): Promise<RunName | undefined> {
    const known = this.#known.get(run_id);
    if (known !== undefined) return known;
    const remembered = cachedRun(this.context.settings, run_id);
    if (remembered?.deployment_id === this.deployment_id) await this.#read(remembered.automation_id);
    else await this.#search(run_id);
    return this.#known.get(run_id);
  }

  async #search(run_id: string): Promise<void> {
    const { automations } = await this.context.client();
    const found: Automation[] = [];
    const options = { signal: this.context.signal, maxWaitMs: mostWaitMs };
    for await (const each of automations.list(this.deployment_id, { limit: 100 }, options)) found.push(each);
    const ran = found.filter(({ last_run_at: at }) => at);
    ran.sort((one, other) => Date.parse(other.last_run_at ?? "") - Date.parse(one.last_run_at ?? ""));
    const isUnderWay = ({ last_run_status: status }: Automation) =>
      status === "running" || status === "waiting_on_human";
    const likely = new Set([...ran.slice(0, mostRead), ...ran.filter(isUnderWay).slice(0, mostRunning)]);
    for (const { automation_id } of likely) {
      await this.#read(automation_id);
      if (this.#known.has(run_id)) return;
    }
  }

  async #read(automation_id: string): Promise<void> {
    const { automations } = await this.context.client();
    const options = { signal: this.context.signal, maxWaitMs: mostWaitMs };
    const automation: AutomationDetail = await automations.get(this.deployment_id, automation_id, options);
    if (this.#known.size >= mostKnown) this.#known.clear();
    for (const { run_id, started_at } of automation.recent_runs) {
      this.#known.set(run_id, { name: automation.name, started_at: started_at ?? undefined });
    }
    await cacheRuns(
      this.context.settings,
      automation.recent_runs.toReversed().map(({ run_id }) => ({
        run_id,
        deployment_id: this.deployment_id,
        automation_id,
      })),
    );
  }
}
