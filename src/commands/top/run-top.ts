/** Runs `top`: one session, from its first frame to its last. */

import { innerController } from "../../api/abort.js";
import type { Values } from "../../command/flags.js";
import type { Context } from "../../context/context.js";
import { hintTo, InterruptedError, UsageError } from "../../errors/cli-errors.js";
import { itemKey } from "../../fleet/refs.js";
import { messageOf } from "../../invocation/report-error.js";
import {
  readSelection,
  type selectionFlags,
  warnOfUnmatched,
} from "../../operations/selection/selection-flags.js";
import { createPrinter, type Printer, watchEnd } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { FullScreen } from "../../output/terminal/full-screen.js";
import { fold } from "../../output/text/fold.js";
import { formatLocalClock } from "../../output/time.js";
import { type Key, KeyReader } from "../../prompts/key-reader.js";
import { FleetReader, type FleetSnapshot } from "./fleet-reader.js";
import { type PaneDetail, SelectedDetail } from "./pane.js";
import { Readings, WakeableSleep } from "./readings.js";
import { Actions, type RowAction, runAction } from "./row-action.js";
import {
  deploymentsInSight,
  firstState,
  type KeyCommand,
  pressKey,
  scrollToSelection,
  selectedRow,
  type TopState,
  withMessage,
  withPending,
  withRoom,
  withRows,
} from "./state.js";
import { hasRoomForDetail, ListLines, listHeight, screenLines, stateCounts } from "./top-view.js";
import { WatchedDeployments } from "./watched-deployments.js";

/** Draws until the user leaves, then prints the last counts on the normal screen. */
export async function showTop(context: Context, input: Values<typeof selectionFlags>): Promise<void> {
  const printer = await createPrinter(context);
  refuseWithoutTerminal(context, printer);
  const selection = readSelection(context, input);
  // A local server that is just starting prints its line before the screen opens.
  await context.client();
  const deployments = new WatchedDeployments(context, selection);
  const reader = new FleetReader(context, { deployments, selection });
  const session = new Session(context, { reader, printer });
  const { snapshot, interrupted } = await session.run();
  if (snapshot.at !== undefined) {
    for (const text of snapshot.stops) await printer.line(safe(text, "cell"));
    const what = safe(snapshot.reach?.what ?? snapshot.label, "cell");
    const counts = `${what}: ${stateCounts(snapshot.rows, snapshot)} · updated ${formatLocalClock(snapshot.at)}`;
    await printer.line(fold(counts, printer.columns));
    if (reader.isComplete) warnOfUnmatched(printer, selection);
  }
  if (interrupted !== undefined) throw watchEnd(interrupted, printer);
}

function refuseWithoutTerminal({ io, settings }: Context, printer: Printer): void {
  if (!printer.isForPerson || !io.canRedraw || !KeyReader.canRead(io)) {
    throw new UsageError("herm top needs an interactive terminal", {
      hint: hintTo("for a single look, also in a pipe", "status"),
    });
  }
  if (settings.flags.debug && io.stderrIsTty) {
    throw new UsageError("--debug would write over the screen", { hint: "send it to a file: 2>debug.log" });
  }
}

interface SessionOptions {
  reader: FleetReader;
  printer: Printer;
}

/** The minimum and maximum milliseconds between frames. */
const frameMs = 30;
const tickMs = 1_000;

class Session {
  readonly #screen: FullScreen;
  readonly #keys: KeyReader;
  readonly #list = new ListLines();
  readonly #readings: Readings;
  readonly #details: SelectedDetail;
  readonly #actions: Actions;
  readonly #over: AbortController;
  #state: TopState;
  #snapshot: FleetSnapshot;
  #detail: PaneDetail | undefined;
  readonly #rest: WakeableSleep;
  /** Work on the normal screen; `press` passes keys to it if it reads any. */
  #outside: { work?: Promise<void>; press: ((key: Key) => void) | undefined } | undefined;

  constructor(
    private readonly context: Context,
    private readonly options: SessionOptions,
  ) {
    this.#screen = new FullScreen(context.io);
    this.#over = innerController(context.signal);
    this.#snapshot = options.reader.snapshot();
    const hasDetail = hasRoomForDetail(this.#screen.size);
    this.#state = withRows(firstState({ hasDetail, freeze: context.settings.freeze }), this.#snapshot);
    const { signal: over } = this.#over;
    this.#rest = new WakeableSleep(context, over);
    this.#readings = new Readings(context, {
      reader: options.reader,
      over,
      onSnapshot: (snapshot, of) => this.#onSnapshot(snapshot, of),
      onChange: this.#rest.wake,
      onMessage: (text) => this.#showMessage(text),
      onError: this.#fail,
    });
    this.#details = new SelectedDetail(context, {
      over,
      onRead: (detail) => this.#onDetail(detail),
      onError: this.#fail,
    });
    const stop = () => this.#execute("stop");
    this.#actions = new Actions(context, { over, printer: options.printer, stop });
    this.#keys = new KeyReader(context.io, {
      key: (key) => this.#press(key),
      ends: () => this.#over.abort(new InterruptedError("SIGHUP")),
    });
  }

  /** Runs until the user leaves. `interrupted`: the reason if it ended for any other cause. */
  async run(): Promise<{ snapshot: FleetSnapshot; interrupted: unknown }> {
    const { signal } = this.#over;
    const stopListening = this.#listen();
    const work = this.#readings.run().catch(this.#fail);
    try {
      this.#keys.open();
      this.#readDetailSoon();
      while (!signal.aborted) {
        await this.#paint();
        // A key's effect is drawn at once; only later frames wait.
        await this.context.sleep(frameMs, signal).catch(() => {});
        await this.#rest.sleep(tickMs);
      }
    } finally {
      this.#over.abort();
      await this.#outside?.work;
      stopListening();
      this.#keys.close();
      await this.#screen.leave();
      await this.#actions.finish();
      await work;
    }
    return { snapshot: this.#snapshot, interrupted: signal.reason === quit ? undefined : signal.reason };
  }

  #listen(): () => void {
    const stopResize = this.#screen.onResize(() => {
      this.#state = withRoom(this.#state, hasRoomForDetail(this.#screen.size));
      this.#readDetailSoon();
      this.#rest.wake();
    });
    const stopJobControl = this.context.jobControl?.listen({
      onStop: () => {
        this.#keys.close();
        void this.#screen.leave();
      },
      onContinue: () => {
        if (this.#outside === undefined || this.#outside.press !== undefined) this.#keys.open();
        this.#screen.forget();
        this.#rest.wake();
      },
    });
    return () => {
      stopResize();
      stopJobControl?.();
    };
  }

  #press(key: Key): void {
    if (this.#outside !== undefined) {
      this.#outside.press?.(key);
      return;
    }
    const height = this.#height;
    const { state, command, action } = pressKey(this.#state, key, height);
    const isSameRow = selectedRow(state)?.key === selectedRow(this.#state)?.key;
    const hasMoved = !isSameRow || state.hasDetail !== this.#state.hasDetail;
    this.#state = state;
    if (command !== undefined) this.#execute(command);
    if (action !== undefined) this.#run(action);
    if (hasMoved) this.#readDetailSoon();
    this.#rest.wake();
  }

  get #height(): number {
    return listHeight(this.#state, { size: this.#screen.size, stops: this.#snapshot.stops.length });
  }

  #execute(command: KeyCommand): void {
    if (command === "leave") this.#over.abort(quit);
    else if (command === "interrupt") this.#over.abort(new InterruptedError());
    else if (command === "redraw") this.#screen.forget();
    else this.context.jobControl?.stop();
  }

  #run(action: RowAction): void {
    const key = itemKey(action);
    const onNote = (text: string | undefined) => {
      this.#state = withPending(this.#state, key, text);
      this.#rest.wake();
    };
    const onOutcome = (text: string, isBad: boolean) => {
      this.#state = withMessage(this.#state, text, { isBad });
      onNote(undefined);
      this.#readings.readNow();
    };
    if (this.#actions.change(action, { onNote, onOutcome })) return;
    const follows = action.verb === "watch" ? this.#actions.follow(action) : undefined;
    if (follows === undefined) this.#keys.close();
    const work = async () => {
      await this.#screen.leave();
      try {
        if (follows !== undefined) await follows.work();
        else {
          this.options.printer.note(action.name);
          const text = await runAction(this.context, action);
          this.#state = withMessage({ ...this.#state, answered: key }, text);
        }
      } catch (error) {
        const text = error instanceof InterruptedError ? "nothing changed" : messageOf(error);
        this.#state = withMessage(this.#state, text, { isBad: true });
      }
      this.#outside = undefined;
      if (this.#over.signal.aborted) return;
      this.#keys.open();
      this.#readings.readNow();
      this.#rest.wake();
    };
    this.#outside = { press: follows?.press };
    this.#outside.work = work();
  }

  readonly #fail = (error: unknown) => this.#over.abort(error);

  async #paint(): Promise<void> {
    if (this.#outside !== undefined) return;
    const { size } = this.#screen;
    this.#state = scrollToSelection(this.#state, this.#height);
    this.#readings.listenTo(deploymentsInSight(this.#state, this.#height));
    const now = { served: this.context.serverNow(), here: this.context.now() };
    const known = { snapshot: this.#snapshot, detail: this.#detail, liveness: this.#readings.liveness };
    const shown = { ...known, state: this.#state, list: this.#list, style: this.options.printer.style };
    const lines = await screenLines({ ...shown, now, size });
    if (this.#outside === undefined) await this.#screen.show(lines, size);
  }

  #onSnapshot(snapshot: FleetSnapshot, of: string | undefined): void {
    const before = selectedRow(this.#state);
    this.#snapshot = snapshot;
    this.#state = withRows(this.#state, snapshot);
    const row = selectedRow(this.#state);
    const isNews = of === undefined || row !== before;
    if (isNews || (of === row?.deployment_id && !this.#details.isSettled(row))) this.#readDetailSoon();
    this.#rest.wake();
  }

  #showMessage(text: string): void {
    if (this.#state.message === undefined) this.#state = withMessage(this.#state, text);
    this.#rest.wake();
  }

  #readDetailSoon(): void {
    this.#details.readSoon(this.#state.hasDetail ? selectedRow(this.#state) : undefined);
  }

  #onDetail(detail: PaneDetail): void {
    if (selectedRow(this.#state)?.key !== detail.key) return;
    this.#detail = detail;
    this.#state = { ...this.#state, waiting: detail.question === undefined ? undefined : detail.key };
    this.#rest.wake();
  }
}

const quit = Symbol("quit");
