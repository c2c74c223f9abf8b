import type { Run } from "../../api/types.js";
import type { Context } from "../../context.js";
import { readRunAt, searchRun } from "../../runs/find.js";
import { cachedRun, cacheRuns } from "../../runs/run-cache.js";

export interface RunName {
  name: string | null | undefined;
  started_at: string | undefined;
}

/** Milliseconds of one request. */
const maxWaitMs = 2_000;
/** Requests for one run: it is of an automation that is running, or ran last. */
const requestLimit = 24;
const mostKnown = 5_000;

/** Finds the automations of a stream's runs: events don't say. */
export class RunNames {
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
    const { settings, signal } = this.context;
    const client = await this.context.client();
    const options = { client, run_id, signal, maxWaitMs, requestLimit, atOnce: 1 };
    const cached = cachedRun(settings, run_id);
    const isHere = cached?.deployment_id === this.deployment_id;
    const found = await (isHere ? readRunAt(options, cached) : searchRun(options, this.deployment_id));
    if (found === undefined) return undefined;
    const { deployment_id, automation, run } = found;
    const { automation_id, name, recent_runs } = automation;
    await cacheRuns(
      settings,
      recent_runs.toReversed().map((recent) => ({ run_id: recent.run_id, deployment_id, automation_id })),
    );
    const nameOf = ({ started_at }: Run): RunName => ({ name, started_at: started_at ?? undefined });
    for (const recent of recent_runs) this.#asked.set(recent.run_id, Promise.resolve(nameOf(recent)));
    return nameOf(run);
  }
}
