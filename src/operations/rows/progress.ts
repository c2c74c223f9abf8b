/** Progress while sending and reading, and reports on failed reads. */

import { type StartTimer, startTimer } from "../../api/fetch.js";
import type { Context } from "../../context/context.js";
import { PartialFailureError } from "../../errors/cli-errors.js";
import { type ReadOrFailed, readEach } from "../../fleet/read-many.js";
import type { Limits } from "../../fleet/silent-deployments.js";
import type { Candidate } from "../../incident/scope.js";
import { counted, joinNames, limitLines } from "../../output/count.js";
import type { Printer } from "../../output/printer.js";
import { silenceHint } from "../selection/selection-flags.js";

const nothing = () => undefined;
const silent: Progress = {
  item: nothing,
  more: nothing,
  beside: (print) => print(),
  stopping: nothing,
  finish: nothing,
};

/**
 * Shows progress on many items on stderr: a bar on a terminal, a line every few seconds if that can't redraw, and no
 * output with `--quiet`. Handles Ctrl-C itself; call `finish` in a `finally`.
 */
export function openProgress(
  context: Pick<Context, "io" | "settings" | "signal" | "monotonic">,
  printer: Printer,
  { verb, total }: { verb: string; total: number },
): Progress {
  if (context.settings.flags.quiet || total === 0) return silent;
  const { io, signal } = context;
  const progress = createProgress({
    verb,
    total,
    kind: io.stderrIsTty && io.canRedraw ? "bar" : "now and then",
    columns: io.columns,
    write: printer.err,
    monotonic: () => context.monotonic(),
  });
  const stop = () => progress.stopping();
  signal.addEventListener("abort", stop, { once: true });
  return {
    item: (isFailure) => progress.item(isFailure),
    more: (count) => progress.more(count),
    beside: (print) => progress.beside(print),
    stopping: stop,
    finish: () => {
      signal.removeEventListener("abort", stop);
      progress.finish();
    },
  };
}

type Stage = "deployments" | "automations" | "runs";

/** A bar on a terminal during long reads, one for each stage; no output elsewhere. */
export class ReadingProgress {
  #stage: Stage | undefined;
  #remaining = 0;
  #progress: Progress | undefined;

  constructor(
    private readonly context: Pick<Context, "io" | "settings" | "signal" | "monotonic">,
    private readonly printer: Printer,
    private readonly options: { isSilent?: boolean; fewestShown?: number } = {},
  ) {}

  start(stage: Stage, count: number): void {
    if (stage !== this.#stage) this.finish();
    this.#stage = stage;
    this.#remaining += count;
    const { isSilent = false, fewestShown = 10 } = this.options;
    const isShown = this.context.io.stderrIsTty && !isSilent;
    if (this.#progress !== undefined) this.#progress.more(count);
    else if (isShown && this.#remaining >= fewestShown) {
      const options = { verb: `Reading ${stage}`, total: this.#remaining };
      this.#progress = openProgress(this.context, this.printer, options);
    }
  }

  item(isFailure = false): void {
    this.#remaining -= 1;
    this.#progress?.item(isFailure);
  }

  finish(): void {
    this.#progress?.finish();
    this.#progress = undefined;
    this.#stage = undefined;
    this.#remaining = 0;
  }
}

interface ProgressOptions {
  verb: string;
  total: number;
  /** `bar`: one redrawn line. `now and then`: a line every few seconds, if redrawing isn't possible. */
  kind: "bar" | "now and then";
  columns: number;
  write(text: string): void;
  monotonic?(): number;
  timer?: StartTimer;
}

/** Shows progress on many items. `finish` clears the screen and the timer. */
interface Progress {
  item(isFailure: boolean): void;
  more(count: number): void;
  /** Runs `print`, which prints a permanent line. */
  beside(print: () => void): void;
  /** Reports after Ctrl-C that items in flight are still being finished. */
  stopping(): void;
  finish(): void;
}

const redrawMs = 80;
const widestBar = 30;
const narrowestBar = 8;

export function createProgress(options: ProgressOptions): Progress {
  return options.kind === "bar" ? new Bar(options) : inLines(options);
}

const betweenLinesMs = 5_000;

function inLines({ verb, write, monotonic = () => performance.now(), ...known }: ProgressOptions): Progress {
  let { total } = known;
  let [over, failed] = [0, 0];
  let printedMs = monotonic();
  return {
    item: (isFailure) => {
      over += 1;
      if (isFailure) failed += 1;
      if (monotonic() - printedMs < betweenLinesMs) return;
      printedMs = monotonic();
      write(`${verb}: ${over} of ${total}${failed === 0 ? "" : `, ${failed} failed`}\n`);
    },
    more: (count) => {
      total += count;
    },
    beside: (print) => print(),
    stopping: () => write(stoppingLine),
    finish: () => undefined,
  };
}

const stoppingLine = "stopping: finishing requests in flight, starting nothing new\n";

/** Draws only with carriage returns, so that even the simplest terminal can show it. */
class Bar implements Progress {
  #total: number;
  #over = 0;
  #failed = 0;
  #isStopping = false;
  #drawn = "";
  #drawnMs = Number.NEGATIVE_INFINITY;
  #cancelLater: (() => void) | undefined;

  constructor(private readonly options: ProgressOptions) {
    this.#total = options.total;
    this.#draw();
  }

  item(isFailure: boolean): void {
    this.#over += 1;
    if (isFailure) this.#failed += 1;
    const dueInMs = this.#drawnMs + redrawMs - this.#now();
    if (dueInMs <= 0 || this.#over === this.#total) this.#draw();
    // The next item may take long, so the count is updated by a later draw.
    else this.#cancelLater ??= (this.options.timer ?? startTimer)(dueInMs, () => this.#draw());
  }

  more(count: number): void {
    this.#total += count;
  }

  beside(print: () => void): void {
    this.finish();
    print();
    this.#draw();
  }

  stopping(): void {
    this.#isStopping = true;
    this.#draw();
  }

  finish(): void {
    this.#stopLater();
    this.#replace("");
    if (this.#drawn === "") return;
    this.options.write("\r");
    this.#drawn = "";
  }

  #stopLater(): void {
    this.#cancelLater?.();
    this.#cancelLater = undefined;
  }

  #draw(): void {
    this.#stopLater();
    this.#drawnMs = this.#now();
    this.#replace(this.#rendered());
  }

  /** Renders `Pausing ████████░░░░ 143/371 · 2 failed`, narrower than the terminal by one column. */
  #rendered(): string {
    const { verb, columns } = this.options;
    const words = [`${this.#over}/${this.#total}`];
    if (this.#failed > 0) words.push(`${this.#failed} failed`);
    if (this.#isStopping) words.push("stopping: finishing requests in flight");
    const counts = words.join(" · ");
    const room = columns - 1 - verb.length - counts.length - 2;
    if (room < narrowestBar) return `${verb} ${counts}`.slice(0, Math.max(0, columns - 1));
    const width = Math.min(widestBar, room);
    const filled = this.#total === 0 ? width : Math.floor((this.#over / this.#total) * width);
    return `${verb} ${"█".repeat(filled)}${"░".repeat(width - filled)} ${counts}`;
  }

  #replace(text: string): void {
    if (text === this.#drawn) return;
    this.options.write(`\r${text.padEnd(this.#drawn.length)}`);
    // The padding is blank, so the next text has to blank only this text's own columns.
    this.#drawn = text === "" ? this.#drawn : text;
  }

  #now(): number {
    return this.options.monotonic?.() ?? performance.now();
  }
}

interface ProgressReadOptions<Item, Value> {
  read(item: Item, limits: Limits): Promise<Value>;
  progress: ReadingProgress;
  stage: Stage;
  concurrency?: number | undefined;
  /** Once it aborts, no more reads start; those that never started count neither as found nor as errors. */
  until?: AbortSignal | undefined;
}

/** Reads several items at once, with a bar; a failure doesn't stop the others. Throws if the key is refused for all. */
export async function readWithProgress<Item extends { deployment_id: string }, Value>(
  context: Context,
  items: readonly Item[],
  { read: readIn, progress, stage, ...reading }: ProgressReadOptions<Item, Value>,
): Promise<ReadOrFailed<Item, Value>> {
  const { signal } = context;
  const client = await context.client();
  progress.start(stage, items.length);
  const readOne =
    items.length < 2
      ? undefined
      : (await import("../../fleet/silent-deployments.js")).readOneOfMany(context, client);
  const read = (item: Item) =>
    readOne === undefined ? readIn(item, { signal }) : readOne((limits) => readIn(item, limits), signal);
  const options = { ...reading, read, client, signal, onRead: () => progress.item() };
  return readEach(items, options).finally(() => progress.finish());
}

export interface ReadFailure {
  kind: "deployment" | "automation";
  /** The name, preceded by the deployment's if there are several. */
  what: string;
  error: unknown;
}

export function unreadableAutomation(
  { deployment_name, deployment_id, automation_id, name }: Candidate,
  { error, isFleet }: { error: unknown; isFleet: boolean },
): ReadFailure {
  const called = name || automation_id;
  const what = isFleet ? `${deployment_name ?? deployment_id}/${called}` : called;
  return { kind: "automation", what, error };
}

const mostCauses = 10;

/** Warns of failed reads. On a terminal, the same cause is printed once, so an outage doesn't fill the screen. */
export async function warnOfUnreadable(
  unreadable: readonly ReadFailure[],
  { printer, settings }: { printer: Printer; settings: Context["settings"] },
): Promise<void> {
  if (unreadable.length === 0) return;
  const { causeOf, explainItemError } = await import("../../invocation/report-error.js");
  const lineOf = ({ what, error }: ReadFailure) => `${what}: ${explainItemError(error, settings).message}`;
  if (!printer.isForPerson) {
    for (const each of unreadable) printer.warn(lineOf(each));
    return;
  }
  const { groupBy } = await import("../../manifest/group-by.js");
  const groups = groupBy(unreadable, ({ error }) => causeOf(error, settings));
  const lines = [...groups].flatMap(([cause, alike]) =>
    alike.length === 1 ? alike.map(lineOf) : `${joinNames(alike.map(({ what }) => what))}: ${cause}`,
  );
  for (const line of limitLines(lines, mostCauses)) printer.warn(line.trim());
}

/** The error for an incomplete `what`; undefined if everything was read. */
export function unreadableError(
  unreadable: readonly ReadFailure[],
  what = "list",
): PartialFailureError | undefined {
  if (unreadable.length === 0) return undefined;
  const parts = (["deployment", "automation"] as const).flatMap((kind) => {
    const count = unreadable.filter((each) => each.kind === kind).length;
    return count === 0 ? [] : counted(count, kind);
  });
  const waitHint = silenceHint(unreadable.filter(({ kind }) => kind === "deployment"));
  return new PartialFailureError(`${parts.join(" and ")} could not be read`, {
    hint: `the ${what} is incomplete: ${waitHint ?? "run it again"}`,
  });
}

/** Once the rest has been printed, warns of failed reads; throws PartialFailureError if there are any. */
export async function reportUnreadable(
  unreadable: readonly ReadFailure[],
  { what, ...options }: { printer: Printer; settings: Context["settings"]; what?: string },
): Promise<void> {
  await warnOfUnreadable(unreadable, options);
  const error = unreadableError(unreadable, what);
  if (error !== undefined) throw error;
}
