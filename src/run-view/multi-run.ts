import { isFinal } from "../api/run-status.js";
import { safe } from "../output/safe.js";
import { paintStatus, statusPrefix } from "../output/status.js";
import { cut, displayWidth, wrap } from "../output/width.js";
import { type RunEvent, runOf } from "./event.js";
import { eventSummary } from "./event-text.js";
import type { RunFrame } from "./painter.js";
import { type RunState, reduce, startRun } from "./reduce.js";
import { nothingRendered, type RenderProgress, type RunRenderOptions, render } from "./render.js";

export interface RunHead {
  title: string;
  run_id: string;
  answer: string;
}

interface MultiRunEvent {
  event: RunEvent;
  deployment: string | undefined;
  key: string;
  head: RunHead;
  /** Milliseconds. */
  now: number;
}

interface ShownRun {
  key: string;
  head: RunHead;
  state: RunState;
  line: RenderProgress["line"];
  /** Milliseconds by the clock of `now`. */
  lastMs: number;
  shownWaits: number;
}

const narrowest = 10;
const runEvents = ["token", "tool_call", "tool_result", "steering_request", "run_status"];
/** Milliseconds of silence after which another run has its turn; and the longest turn while others wait. */
const silenceMs = 2_000;
const longestMs = 15_000;
/** Milliseconds in which a question may come behind the status. */
const questionMs = 1_000;
/** Runs whose state is known; older ones that say something again start anew. */
const mostRuns = 500;

/**
 * Shows many runs as text that flows: one run has its turn and grows at the end, below its head; the others are
 * buffered.
 */
export class MultiRun {
  readonly #runs = new Map<string, ShownRun>();
  readonly #waiting = new Set<ShownRun>();
  #current: ShownRun | undefined;
  #currentSince = 0;
  #others: string[] = [];
  #hasStarted = false;

  add({ event, deployment, key, head, now }: MultiRunEvent): void {
    if (runOf(event) === undefined || !runEvents.includes(event.event)) {
      const what = [deployment ?? [], event.event, eventSummary(event)].flat().join(" ");
      this.#others.push(safe(`· ${what}`, "cell"));
      return;
    }
    const known = this.#runs.get(key);
    const run = known ?? newRun(key, head, now);
    const state = reduce(run.state, event);
    if (known !== undefined && state === known.state) return;
    Object.assign(run, { head, state, lastMs: now });
    if (run !== this.#current) this.#waiting.add(run);
    this.#remember(run);
  }

  /** Lines since the last frame of runs that had their turn, and the line that grows. */
  frame(options: RunRenderOptions): RunFrame {
    const permanent: string[] = [];
    for (;;) {
      if (this.#current === undefined) permanent.push(...this.#next(options));
      const run = this.#current;
      if (run === undefined)
        return { ...emptyFrame, permanent: [...permanent, ...this.#takeOthers(options)] };
      const { rows, live } = this.#advance(run, options);
      permanent.push(...rows);
      if (isFinal(run.state.status)) {
        this.#runs.delete(run.key);
        this.#current = undefined;
      } else if (this.#givesWay(run, options.now)) {
        permanent.push(...this.#leave(run, options));
        this.#current = undefined;
      } else if (this.#others.length === 0) return { permanent, live, isMoving: this.#isMoving(run) };
      else permanent.push(...this.#leave(run, options), ...this.#takeOthers(options));
    }
  }

  lastFrame(options: RunRenderOptions): RunFrame {
    const { permanent } = this.frame({ ...options, now: Number.POSITIVE_INFINITY });
    const run = this.#current;
    return {
      ...emptyFrame,
      permanent: run === undefined ? permanent : [...permanent, ...this.#leave(run, options)],
    };
  }

  #isMoving({ state, shownWaits }: ShownRun): boolean {
    const isUnshown = state.status === "waiting_on_human" && state.waits !== shownWaits;
    return this.#waiting.size > 0 || state.open.length > 0 || isUnshown;
  }

  #takeOthers({ columns }: RunRenderOptions): string[] {
    const rows = this.#others.map((text) => cut(text, widthOf(columns)));
    this.#others = [];
    this.#hasStarted ||= rows.length > 0;
    return rows;
  }

  #next({ columns, style, now }: RunRenderOptions): string[] {
    const [run] = this.#waiting;
    if (run === undefined) return [];
    this.#waiting.delete(run);
    this.#current = run;
    this.#currentSince = now;
    const gap = this.#hasStarted ? [""] : [];
    this.#hasStarted = true;
    const width = widthOf(columns);
    const name = safe(run.head.title, "cell");
    const id = safe(run.head.run_id, "cell");
    const isOneLine = displayWidth(`${name} · ${id}`) <= width;
    if (isOneLine) return [...gap, `${style.bold(name)}${` · ${id}`}`];
    return [...gap, style.bold(cut(name, width)), cut(`  ${id}`, width)];
  }

  #advance(run: ShownRun, options: RunRenderOptions): { rows: string[]; live: string[] } {
    const { permanent, live, next } = render(run.state, { log: undefined, line: run.line }, options);
    this.#forgetShown(run, next.line);
    return { rows: [...permanent, ...closingRows(run, options)], live };
  }

  /** Forgets what stays on the terminal, but for its last character: the line has begun. */
  #forgetShown(run: ShownRun, line: RenderProgress["line"]): void {
    const done = Math.max(0, line.from - 1);
    run.state = { ...run.state, log: undefined, tail: run.state.tail.slice(done) };
    run.line = { ...line, from: line.from - done };
  }

  /** Ends the line that grows: what follows begins another. */
  #leave(run: ShownRun, options: RunRenderOptions): string[] {
    const { live } = render({ ...run.state, open: [] }, { log: undefined, line: run.line }, options);
    this.#forgetShown(run, { from: run.state.tail.length, encoded: 0 });
    return live;
  }

  #givesWay({ state, lastMs }: ShownRun, now: number): boolean {
    if (this.#waiting.size === 0) return false;
    const isAsking = state.status === "waiting_on_human" && state.question !== undefined;
    const silentSince = Math.max(lastMs, this.#currentSince);
    const isLast = now === Number.POSITIVE_INFINITY;
    return isLast || isAsking || now - silentSince >= silenceMs || now - this.#currentSince >= longestMs;
  }

  #remember(run: ShownRun): void {
    this.#runs.delete(run.key);
    this.#runs.set(run.key, run);
    const [oldest] = this.#runs.keys();
    if (this.#runs.size > mostRuns && oldest !== undefined) this.#runs.delete(oldest);
  }
}

const emptyFrame: RunFrame = { permanent: [], live: [], isMoving: false };

function newRun(key: string, head: RunHead, now: number): ShownRun {
  const state = startRun(head.run_id);
  return { key, head, state, line: nothingRendered.line, lastMs: now, shownWaits: 0 };
}

function closingRows(run: ShownRun, { columns, style, now }: RunRenderOptions): string[] {
  const { status, error, waits, question } = run.state;
  const width = widthOf(columns);
  if (isFinal(status)) {
    const word = status === "completed" ? "completed" : `failed${error === undefined ? "" : `: ${error}`}`;
    const rows = wrap(safe(statusPrefix(status, style) + word, "cell"), width);
    return rows.map((row) => paintStatus(row, status, style));
  }
  if (status !== "waiting_on_human" || waits === run.shownWaits) return [];
  if (question === undefined && now - run.lastMs < questionMs) return [];
  run.shownWaits = waits;
  if (question === undefined) return [style.waiting(`${style.isInWords ? "" : "? "}waits for an answer`)];
  return wrap(safe(run.head.answer, "cell"), width);
}

function widthOf(columns: number): number {
  return Math.max(narrowest, columns) - 1;
}
