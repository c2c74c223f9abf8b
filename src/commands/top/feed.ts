import { innerController } from "../../api/abort.js";
import { TimeoutError } from "../../api/errors.js";
import type { Automation } from "../../api/types.js";
import type { Context } from "../../context.js";
import { readAhead } from "../../fleet/read-ahead.js";
import { isNotReady } from "../../fleet/readiness.js";
import { automationFilter, type DeploymentTarget, type Selection } from "../../fleet/selection.js";
import { messageOf } from "../../report.js";
import { loadRows } from "../automations/list/rows.js";
import type { AutomationRow } from "../automations/shared/columns.js";
import type { WatchedDeployments } from "./deployments.js";
import { isSameRow, rowKey, type TopRow, topRow } from "./row.js";
import { RowMarks } from "./row-marks.js";

/** What is known of all deployments after a look at them. */
export interface Heard {
  /** What is looked at: `12 deployments`, or the one's name, as it came. */
  place: string;
  /** Whether deployments are told. */
  isFleet: boolean;
  rows: readonly TopRow[];
  /** By this machine's clock: when a deployment answered last; undefined: none has yet. */
  at: Date | undefined;
  /** What those are called that didn't answer this time, as it came, and why the first didn't. */
  silent: { names: readonly string[]; why: string } | undefined;
  /** Some that seem late couldn't be looked at yet. */
  isLateWhole: boolean;
  /** Of some that are paused it isn't known whether they ran. */
  isUnexpectedWhole: boolean;
}

/** A reading waits so long for one deployment, and for one that gave no answer before: what takes longer goes on beside it. */
const mostWaitMs = { usual: 5_000, again: 1_000 };
/** What came of the first reading is shown so often. */
const partMs = 250;
/** Of so many at once. */
const mostSlow = 8;

/** What is known of one deployment. */
interface Place {
  /** Which reading told it, by the order in which they began. */
  turn: number;
  rows: readonly TopRow[];
  /** Why it didn't answer. */
  problem?: unknown;
  /** It may still answer. */
  isWaitedFor?: true;
}

type ToRows = Awaited<ReturnType<typeof loadRows>>;

/**
 * Reads the automations of a selection, all or those of one deployment. A deployment that doesn't answer keeps what was heard
 * of it before, and stops no other.
 */
export class Feed {
  readonly #places = new Map<string, Place>();
  readonly #isSelected: (automation: Automation) => boolean;
  readonly #marks: RowMarks;
  #heardAt: Date | undefined;
  #turns = 0;
  /** As they were told last: where nothing has changed, the same again, so that nothing is worked out anew. */
  #told: readonly TopRow[] = [];
  /** Those of which a reading goes on beside the others. */
  readonly #slow = new Set<string>();

  constructor(
    private readonly context: Context,
    private readonly options: { deployments: WatchedDeployments; selection: Selection },
  ) {
    this.#isSelected = automationFilter(options.selection);
    this.#marks = new RowMarks(context);
  }

  /**
   * Reads all; one that takes long keeps nobody from seeing the others, which `onPart` gets as they come the first time. Throws
   * where every deployment failed and none ever answered, and when the signal ends it.
   */
  async read(signal = this.context.signal, onPart?: (heard: Heard) => void): Promise<Heard> {
    this.#throwWhereNothingCame();
    const { deployments } = this.options;
    await deployments.refresh(signal);
    this.#forget();
    const readPlace = await this.#placeReader();
    const isFirst = this.#places.size === 0;
    let shownMs = this.context.monotonic();
    const targets = deployments.all.filter(({ deployment_id }) => !this.#slow.has(deployment_id));
    const read = async (target: DeploymentTarget) => {
      await this.#waitAWhile(target, { reading: readPlace(target, signal), signal });
      if (!isFirst || this.#heardAt === undefined || this.context.monotonic() - shownMs < partMs) return;
      shownMs = this.context.monotonic();
      onPart?.(this.#heard());
    };
    for await (const { result } of readAhead(targets, read, signal)) {
      signal.throwIfAborted();
      if (result.status === "rejected") throw result.reason;
    }
    this.#throwWhereNothingCame();
    await this.#marks.look(this.#rows(), signal);
    return this.#heard();
  }

  async #waitAWhile(
    { deployment_id }: DeploymentTarget,
    { reading, signal }: { reading: Promise<void>; signal: AbortSignal },
  ): Promise<void> {
    const before = this.#places.get(deployment_id);
    const problem = before?.problem;
    const timeoutMs = mostWaitMs[problem === undefined ? "usual" : "again"];
    const enough = innerController(signal);
    const isLong = this.context.sleep(timeoutMs, enough.signal).then(
      () => true,
      () => false,
    );
    const goesOn = await Promise.race([reading.then(() => false), isLong]).finally(() => enough.abort());
    if (!goesOn) return;
    // An API that is away as a whole isn't asked more and more.
    if (this.#slow.size === mostSlow) return reading;
    this.#slow.add(deployment_id);
    void reading.catch(() => {}).finally(() => this.#slow.delete(deployment_id));
    const { rows = [], turn = 0 } = before ?? {};
    // Its stream may have told of it meanwhile.
    if (this.#places.get(deployment_id) !== before) return;
    const why = problem ?? new TimeoutError("no answer", { timeoutMs, neverArrived: false });
    this.#places.set(deployment_id, { turn, rows: rows.map(asStale), problem: why, isWaitedFor: true });
  }

  /** Reads one deployment anew; the others are told as they were. Throws as `read` does. */
  async readOne(deployment_id: string, signal: AbortSignal): Promise<Heard> {
    const target = this.options.deployments.find(deployment_id);
    if (target !== undefined) await (await this.#placeReader())(target, signal);
    return this.#heard();
  }

  get deploymentCount(): number {
    return this.options.deployments.all.length;
  }

  /** Everything that is looked at has answered, and answers. */
  get isWhole(): boolean {
    const places = this.options.deployments.all.map(({ deployment_id }) => this.#places.get(deployment_id));
    return places.every((place) => place !== undefined && place.problem === undefined);
  }

  nameOf(deployment_id: string): string {
    return this.options.deployments.find(deployment_id)?.name ?? deployment_id;
  }

  async #placeReader() {
    const options = { inWords: true, withStrays: false };
    // Which incidents are this API's is asked of a local server, which may be away as well.
    const toRows = await loadRows(this.context, options).catch((problem: unknown) => ({ problem }));
    return (target: DeploymentTarget, signal: AbortSignal) => this.#readPlace(target, { toRows, signal });
  }

  async #readPlace(
    target: DeploymentTarget,
    { toRows, signal }: { toRows: ToRows | { problem: unknown }; signal: AbortSignal },
  ): Promise<void> {
    const { deployment_id } = target;
    this.#turns += 1;
    const turn = this.#turns;
    const read =
      "problem" in toRows
        ? toRows
        : await this.#list(deployment_id, signal).then(
            (data) => ({ data, toRows }),
            (problem: unknown) => ({ problem }),
          );
    signal.throwIfAborted();
    if ("problem" in read) {
      const { problem } = read;
      // It has answered: there is nothing to be listed yet.
      if (isNotReady(problem)) this.#heardAt = this.context.now();
      const rows = this.#places.get(deployment_id)?.rows ?? [];
      this.#tell(deployment_id, { turn, rows: rows.map(asStale), problem });
      return;
    }
    this.#heardAt = this.context.now();
    const rows = await read.toRows(target, { data: read.data.filter(this.#isSelected) });
    const known = new Map(this.#places.get(deployment_id)?.rows.map((row) => [row.key, row]));
    this.#tell(deployment_id, { turn, rows: rows.map((row) => freshRow(row, known)) });
  }

  async #list(deployment_id: string, signal: AbortSignal): Promise<Automation[]> {
    const client = await this.context.client();
    const data: Automation[] = [];
    for await (const page of client.automations.list(deployment_id, { limit: 100 }, { signal }).pages())
      data.push(...page.data);
    return data;
  }

  /** Those that aren't looked at any more. */
  #forget(): void {
    for (const id of this.#places.keys()) {
      if (this.options.deployments.find(id) === undefined) this.#places.delete(id);
    }
  }

  /** Nothing is told that a reading knows better which began later and ended sooner. */
  #tell(deployment_id: string, place: Place): void {
    if (this.options.deployments.find(deployment_id) === undefined) return;
    const { turn = 0 } = this.#places.get(deployment_id) ?? {};
    if (place.turn > turn) this.#places.set(deployment_id, place);
  }

  #rows(): TopRow[] {
    return [...this.#places.values()].flatMap(({ rows }) => rows);
  }

  #throwWhereNothingCame(): void {
    const places = [...this.#places.values()];
    if (this.#heardAt !== undefined || places.some(({ isWaitedFor }) => isWaitedFor)) return;
    const failed = places.find(({ problem }) => problem !== undefined);
    if (failed !== undefined) throw failed.problem;
  }

  /** What is known before the first reading. */
  nothingYet(): Heard {
    return this.#heard();
  }

  #heard(): Heard {
    const silent = [...this.#places].filter(([, { problem }]) => problem !== undefined);
    const [[, first] = []] = silent;
    const rows = this.#rows().map((row) => this.#marks.marked(row));
    const isAsBefore = rows.length === this.#told.length && rows.every((row, at) => row === this.#told[at]);
    if (!isAsBefore) this.#told = rows;
    const { place, isFleet } = this.options.deployments;
    return {
      place,
      isFleet,
      rows: this.#told,
      at: this.#heardAt,
      silent: first && {
        names: silent.map(([id]) => this.nameOf(id)),
        why: messageOf(first.problem),
      },
      ...this.#marks.whole(),
    };
  }
}

function freshRow(row: AutomationRow, known: ReadonlyMap<string, TopRow>): TopRow {
  const before = known.get(rowKey(row));
  return before !== undefined && !before.isStale && isSameRow(before, row)
    ? before
    : topRow(row, { isStale: false });
}

function asStale(row: TopRow): TopRow {
  return row.isStale ? row : { ...row, isStale: true };
}
