import type { Automation } from "../../api/types.js";
import type { Context } from "../../context.js";
import { type Ahead, readAhead } from "../../fleet/read-ahead.js";
import { isNotReady } from "../../fleet/readiness.js";
import { automationFilter, type DeploymentTarget, type Selection } from "../../fleet/selection.js";
import { messageOf } from "../../report.js";
import { loadRows } from "../automations/list/rows.js";
import type { AutomationRow } from "../automations/shared/columns.js";
import { late, marksOfLastRun } from "../automations/shared/status-column.js";
import { LateMarks } from "./late.js";
import { type TopRow, topRow } from "./row.js";

/** What is known of all deployments after a look at them. */
export interface Heard {
  rows: readonly TopRow[];
  /** By this machine's clock: when a deployment answered last. */
  at: Date;
  /** Those that didn't answer this time, and why the first didn't. */
  silent: { count: number; why: string } | undefined;
  /** Some that seem late couldn't be looked at yet. */
  isLateWhole: boolean;
}

const leastRestMs = 2_000;
const mostRestMs = 60_000;
/** At most a fifth of the time a server is asked. */
const restPerReading = 4;

/** How long to rest after a reading that took so long; both in ms. */
export function restAfter(tookMs: number): number {
  return Math.min(mostRestMs, Math.max(leastRestMs, restPerReading * tookMs));
}

interface Place {
  rows: readonly AutomationRow[];
  problem?: unknown;
}

/**
 * Reads the automations of a selection again and again. A deployment that doesn't answer keeps what was heard of it before,
 * and stops no other.
 */
export class Feed {
  readonly #places = new Map<string, Place>();
  readonly #isSelected: (automation: Automation) => boolean;
  readonly #late: LateMarks;
  #heardAt: Date | undefined;

  constructor(
    private readonly context: Context,
    private readonly options: { targets: readonly DeploymentTarget[]; selection: Selection },
  ) {
    this.#isSelected = automationFilter(options.selection);
    this.#late = new LateMarks(context);
  }

  /** Throws where nothing has ever been heard, and when the signal ends it. */
  async read({
    signal: ends,
    onDeployment,
  }: {
    signal?: AbortSignal;
    onDeployment?(): void;
  } = {}): Promise<Heard> {
    const { context, options } = this;
    const signal = ends ?? context.signal;
    const { targets } = options;
    const client = await context.client();
    const toRows = await loadRows(context, { targets, inWords: true, withStrays: false });
    const list = async ({ deploymentId }: DeploymentTarget, signal: AbortSignal) => {
      const data: Automation[] = [];
      for await (const page of client.automations.list(deploymentId, { limit: 100 }, { signal }).pages())
        data.push(...page.data);
      return data;
    };
    for await (const { item: target, result } of readAhead(targets, list, signal)) {
      signal.throwIfAborted();
      const data = result.status === "fulfilled" ? result.value.filter(this.#isSelected) : [];
      const rows = await toRows(target, { data });
      this.#places.set(target.deploymentId, this.#placeOf({ item: target, result }, rows));
      onDeployment?.();
    }
    return this.#heard();
  }

  #placeOf({ item, result }: Ahead<DeploymentTarget, unknown>, rows: readonly AutomationRow[]): Place {
    if (result.status === "fulfilled") {
      this.#heardAt = this.context.now();
      return { rows };
    }
    // It has answered: there is nothing to be listed yet.
    if (isNotReady(result.reason)) this.#heardAt = this.context.now();
    return { rows: this.#places.get(item.deploymentId)?.rows ?? [], problem: result.reason };
  }

  async #heard(): Promise<Heard> {
    const places = [...this.#places.values()];
    const silent = places.filter(({ problem }) => problem !== undefined);
    const [first] = silent;
    if (this.#heardAt === undefined && first !== undefined) throw first.problem;
    const rows = places.flatMap(({ rows, problem }) =>
      rows.map((row) => topRow(row, { isStale: problem !== undefined })),
    );
    const { late: lateKeys, isWhole } = await this.#late.find(rows.filter(mayBeLate));
    return {
      rows: lateKeys.size === 0 ? rows : rows.map((row) => (lateKeys.has(row.key) ? withLate(row) : row)),
      at: this.#heardAt ?? this.context.now(),
      silent: first && { count: silent.length, why: messageOf(first.problem) },
      isLateWhole: isWhole,
    };
  }
}

/** What waits or fails is told as that, as in `herm status`. */
function mayBeLate({ isStale, automation }: TopRow): boolean {
  return !isStale && marksOfLastRun(automation).length === 0;
}

function withLate(row: TopRow): TopRow {
  return topRow({ ...row, marks: [...(row.marks ?? []), late] }, row);
}
