import { innerController } from "../../api/abort.js";
import { TimeoutError } from "../../api/errors.js";
import type { Context } from "../../context/context.js";
import { isNotReady } from "../../fleet/outcome.js";
import { prefetch } from "../../fleet/prefetch.js";
import { AskedBefore, askForKnown, type Listing } from "../../fleet/presence.js";
import { listCurrentAutomations } from "../../fleet/read-fleet.js";
import { automationFilter, type DeploymentTarget, type Selection } from "../../fleet/selection.js";
import { messageOf } from "../../invocation/report-error.js";
import type { Reach } from "../../operations/rows/reach.js";
import { deploymentError } from "../../operations/rows/session.js";
import { createPrinter } from "../../output/printer.js";
import { loadRows, nothingRead } from "../automations/list/list-rows.js";
import { runsFinder } from "../automations/list/runs-filter.js";
import { stopLines, stopsOf } from "../status/facts.js";
import { RowFacts } from "./row-facts.js";
import { asNotListed, asStale, freshRow, type TopRow } from "./top-row.js";
import type { WatchedDeployments } from "./watched-deployments.js";

export interface FleetSnapshot {
  /** `12 deployments`, or a single deployment's name. */
  label: string;
  reach: Reach | undefined;
  isFleet: boolean;
  rows: readonly TopRow[];
  stops: readonly string[];
  /** When a deployment last responded, by this machine's clock. */
  at: Date | undefined;
  /** The names of the deployments that didn't respond this time, and the reason given for the first. */
  unanswered: { names: readonly string[]; why: string } | undefined;
  isOverdueComplete: boolean;
  isUnexpectedComplete: boolean;
}

/** Milliseconds to wait for a deployment, less if it was silent before; a slower read continues in the background. */
const mostWaitMs = { usual: 3_000, again: 1_000 };
const partMs = 250;
const mostSlow = 8;

interface KnownDeployment {
  /** The number of the read that it comes from, counted in the order in which reads started. */
  order: number;
  rows: readonly TopRow[];
  /** The number of its automations that aren't selected. */
  leftOut: number;
  problem?: unknown;
}

type ToRows = Awaited<ReturnType<typeof loadRows>>;

/** Reads the selected automations. A deployment that doesn't respond keeps its last rows and doesn't delay others. */
export class FleetReader {
  readonly #known = new Map<string, KnownDeployment>();
  #finder: ReturnType<typeof runsFinder> | undefined;
  readonly #facts: RowFacts;
  readonly #asked: AskedBefore;
  #answeredAt: Date | undefined;
  #readings = 0;
  /** The rows in the last snapshot; the same array if nothing changed, to avoid repeated work. */
  #lastRows: readonly TopRow[] = [];
  /** Deployments that are being read in the background. */
  readonly #slow = new Set<string>();

  constructor(
    private readonly context: Context,
    private readonly options: { deployments: WatchedDeployments; selection: Selection },
  ) {
    this.#facts = new RowFacts(context);
    this.#asked = new AskedBefore(() => context.monotonic());
  }

  /**
   * Reads everything, and calls `onPart` with the snapshot so far a few times a second. Throws if no deployment has
   * ever responded, or if aborted.
   */
  async read(
    signal = this.context.signal,
    onPart?: (snapshot: FleetSnapshot) => void,
  ): Promise<FleetSnapshot> {
    this.#throwWhereNothingCame();
    const { deployments } = this.options;
    await deployments.refresh(signal);
    const toRows = await this.#loadRows();
    let shownMs = this.context.monotonic();
    const targets = deployments.all.filter(({ deployment_id }) => !this.#slow.has(deployment_id));
    const read = async (target: DeploymentTarget) => {
      await this.#waitAWhile(target, { reading: this.#readDeployment(target, { toRows, signal }), signal });
      if (this.#answeredAt === undefined || this.context.monotonic() - shownMs < partMs) return;
      shownMs = this.context.monotonic();
      onPart?.(this.snapshot());
    };
    for await (const { result } of prefetch(targets, read, signal)) {
      signal.throwIfAborted();
      if (result.status === "rejected") throw result.reason;
    }
    this.#throwWhereNothingCame();
    await this.#facts.update(this.#rows(), signal);
    return this.snapshot();
  }

  async #waitAWhile(
    { deployment_id }: DeploymentTarget,
    { reading, signal }: { reading: Promise<void>; signal: AbortSignal },
  ): Promise<void> {
    const before = this.#known.get(deployment_id);
    const problem = before?.problem;
    const timeoutMs = mostWaitMs[problem === undefined ? "usual" : "again"];
    const enough = innerController(signal);
    const isLong = this.context.sleep(timeoutMs, enough.signal).then(
      () => true,
      () => false,
    );
    const goesOn = await Promise.race([reading.then(() => false), isLong]).finally(() => enough.abort());
    if (!goesOn) return;
    // If the whole API is unreachable, requests mustn't pile up.
    if (this.#slow.size === mostSlow) return reading;
    this.#slow.add(deployment_id);
    void reading.catch(() => {}).finally(() => this.#slow.delete(deployment_id));
    const { rows = [], leftOut = 0, order = 0 } = before ?? {};
    // In the meantime, an event may have caused another read of the deployment.
    if (this.#known.get(deployment_id) !== before) return;
    const why = problem ?? new TimeoutError("no answer", { timeoutMs, neverArrived: false });
    this.#known.set(deployment_id, { order, leftOut, rows: rows.map(asStale), problem: why });
  }

  /** Reads one deployment again. Throws what `read` throws. */
  async readOne(deployment_id: string, signal: AbortSignal): Promise<FleetSnapshot> {
    const target = this.options.deployments.find(deployment_id);
    if (target !== undefined) await this.#readDeployment(target, { toRows: await this.#loadRows(), signal });
    return this.snapshot();
  }

  get deploymentCount(): number {
    return this.options.deployments.all.length;
  }

  get isComplete(): boolean {
    const { all } = this.options.deployments;
    return (
      all.every(({ deployment_id }) => this.#known.has(deployment_id)) && this.#unanswered().length === 0
    );
  }

  nameOf(deployment_id: string): string {
    return this.options.deployments.find(deployment_id)?.name ?? deployment_id;
  }

  /** A local server itself decides which incidents are its own; if it is unreachable, no rows can be made. */
  #loadRows(): Promise<ToRows> {
    const options = { inWords: true, withInvalid: false };
    return loadRows(this.context, options).catch((problem: unknown) => () => Promise.reject(problem));
  }

  async #readDeployment(
    target: DeploymentTarget,
    { toRows, signal }: { toRows: ToRows; signal: AbortSignal },
  ): Promise<void> {
    const { deployment_id } = target;
    this.#readings += 1;
    const order = this.#readings;
    const read = await this.#list(target, signal)
      .then(async ({ automations, unknown }) => {
        const isSelected = automationFilter(this.options.selection);
        const called = await toRows(target, { data: automations.filter(isSelected) });
        const { rows, unread } = await this.#failingIn(called);
        return { rows, unknown, leftOut: automations.length - rows.length, unread };
      })
      .catch((problem: unknown) => ({ problem }));
    signal.throwIfAborted();
    const { rows: before = [], leftOut = 0 } = this.#known.get(deployment_id) ?? {};
    // A deployment that isn't ready counts as having responded, with an empty list.
    if (!("problem" in read) || isNotReady(read.problem)) this.#answeredAt = this.context.now();
    if ("problem" in read)
      return this.#store(deployment_id, { ...read, order, leftOut, rows: before.map(asStale) });
    const known = new Map(before.map((row) => [row.key, row]));
    const notListed = before.filter(({ automation }) => read.unknown?.has(automation.automation_id));
    const rows = [...read.rows.map((row) => freshRow(row, known)), ...notListed.map(asNotListed)];
    this.#store(deployment_id, { order, leftOut: read.leftOut, rows, problem: read.unread });
  }

  async #failingIn(rows: Awaited<ReturnType<ToRows>>): Promise<{ rows: typeof rows; unread?: unknown }> {
    const { selection } = this.options;
    if (selection.failures === undefined) return { rows };
    const printer = await createPrinter(this.context);
    const finding = { selection, unexpected: false, printer, isFleet: true, isSilent: true };
    this.#finder ??= runsFinder(this.context, finding);
    const reach = nothingRead();
    const failing = await (await this.#finder)(rows, reach);
    return { rows: rows.filter((row) => failing.has(row)), unread: reach.unreadable[0]?.error };
  }

  /** Lists a deployment's automations, and requests those missing from the list, each at most once a minute. */
  async #list({ deployment_id }: DeploymentTarget, signal: AbortSignal): Promise<Listing> {
    const client = await this.context.client();
    const { data: automations } = await listCurrentAutomations(client, deployment_id, { signal });
    const { rows = [] } = this.#known.get(deployment_id) ?? {};
    const known = rows.map(({ automation: { automation_id } }) => ({ deployment_id, automation_id }));
    const listing: Listing = { deployment: { deployment_id }, automations };
    const [read = listing] = await askForKnown(client, [listing], { known, signal, asked: this.#asked });
    return read;
  }

  /** Ignores a read that started before the one already stored. */
  #store(deployment_id: string, reading: KnownDeployment): void {
    const { order = 0 } = this.#known.get(deployment_id) ?? {};
    if (reading.order > order) this.#known.set(deployment_id, reading);
  }

  #rows(): TopRow[] {
    return [...this.#known.values()].flatMap(({ rows }) => rows);
  }

  #throwWhereNothingCame(): void {
    if (this.#answeredAt !== undefined || this.#slow.size > 0) return;
    const [[, failed] = []] = this.#unanswered();
    if (failed !== undefined) throw failed.problem;
  }

  #unanswered(): [string, KnownDeployment][] {
    return [...this.#known].filter(([, { problem }]) => problem !== undefined);
  }

  snapshot(): FleetSnapshot {
    const unanswered = this.#unanswered();
    const [[deployment_id = "", first] = []] = unanswered;
    const read = this.#rows().map((row) => this.#facts.withFacts(row));
    const { length } = this.#lastRows;
    const isAsBefore = read.length === length && read.every((row, at) => row === this.#lastRows[at]);
    const rows = isAsBefore ? this.#lastRows : read;
    this.#lastRows = rows;
    const { deployments } = this.options;
    const { label, isFleet } = deployments;
    const reach = deployments.reach([...this.#known.values()].reduce((sum, each) => sum + each.leftOut, 0));
    const isWhole = reach === undefined && this.isComplete;
    const now = this.context.serverNow();
    return {
      label,
      reach,
      isFleet,
      rows,
      stops: stopLines(stopsOf(rows, { holderOf: ({ held }) => held, isWhole, now }), { now }),
      at: this.#answeredAt,
      unanswered: first && {
        names: unanswered.map(([id]) => this.nameOf(id)),
        why: messageOf(deploymentError(this.context, { deployment_id, cause: first.problem })),
      },
      ...this.#facts.whole(),
    };
  }
}
