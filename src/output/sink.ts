import type { Writable } from "node:stream";
import type { Io } from "../context/context.js";
import { CliError, codeOf, exitCodes, isOutOfRoom } from "../errors/cli-errors.js";
import { WorkflowGuard } from "./github.js";
import { safe } from "./safe.js";

const readerIsGone = new Set([
  "EPIPE",
  "ECONNRESET",
  "ERR_STREAM_DESTROYED",
  "ERR_STREAM_WRITE_AFTER_END",
  "EOF",
]);
const sinks = new WeakMap<Writable, Sink>();

/**
 * The only writer to a stream; waits for slow readers and ignores closed ones (src/output/README.md, "Pipes and ends").
 */
class Sink {
  #guard: WorkflowGuard | undefined;
  /** The reason why writing failed, unless it is only that the reader has left. */
  failure: Error | undefined;
  /** True if the reader has left or the disk is full; all later writes are discarded. */
  isClosed = false;
  /** Written before a crash is reported, in order to restore the terminal's screen. */
  restoreSequence = "";
  #last: Promise<void> = Promise.resolve();
  /** Resolves the writes still pending on a stream that broke, because their callbacks may never be called. */
  readonly #waits = new Set<() => void>();

  constructor(private readonly stream: Writable) {
    stream.on("error", (error) => this.#stop(error));
    stream.on("close", () => this.#close());
  }

  guardCommands(): void {
    this.#guard ??= new WorkflowGuard();
  }

  /** Resolves when the text has left the process, or can no longer do so. Never rejects. */
  write(text: string): Promise<void> {
    return this.#send(this.#guard?.guard(text) ?? text);
  }

  writeCommand(line: string): Promise<void> {
    return this.#send(`${line}\n`);
  }

  flushed(): Promise<void> {
    return this.#last;
  }

  #send(text: string): Promise<void> {
    if (this.isClosed || text === "") return this.#last;
    this.#last = new Promise((resolve) => {
      this.#waits.add(resolve);
      this.stream.write(text, (error) => {
        if (error) this.#stop(error);
        this.#waits.delete(resolve);
        resolve();
      });
    });
    return this.#last;
  }

  #stop(error: Error): void {
    if (!readerIsGone.has(codeOf(error)) && !this.#isHungUp(error)) this.failure ??= error;
    this.#close();
  }

  /** True if the error means that the terminal has gone away; for a disk, the same code means that it is failing. */
  #isHungUp(error: Error): boolean {
    return codeOf(error) === "EIO" && "isTTY" in this.stream && this.stream.isTTY === true;
  }

  #close(): void {
    this.isClosed = true;
    for (const resolve of this.#waits) resolve();
    this.#waits.clear();
  }
}

/** The one sink for a stream, shared by all printers, so that each knows if the reader is slow or has left. */
export function sinkOf(stream: Writable): Sink {
  const known = sinks.get(stream);
  if (known !== undefined) return known;
  const sink = new Sink(stream);
  sinks.set(stream, sink);
  return sink;
}

export function guardOutput(io: { stdout: Writable; stderr: Writable }): void {
  sinkOf(io.stdout).guardCommands();
  sinkOf(io.stderr).guardCommands();
}

/** True while a command draws on the whole screen, so that nothing else may be written. */
export function isScreenTaken({ stdout }: { stdout: Writable }): boolean {
  return sinkOf(stdout).restoreSequence !== "";
}

/** Restores the terminal when the process crashes, and discards pending frames. */
export function restoreTerminal({ stdout }: { stdout: Writable }): void {
  const sink = sinkOf(stdout);
  if (sink.restoreSequence === "") return;
  void sink.write(sink.restoreSequence);
  sink.restoreSequence = "";
  sink.isClosed = true;
}

/** Waits until stdout and stderr are fully written. Throws if stdout failed (a full disk), not for a closed pipe. */
export async function finishOutput(io: { stdout: Writable; stderr: Writable }): Promise<void> {
  await Promise.all([sinkOf(io.stdout).flushed(), sinkOf(io.stderr).flushed()]);
  const failure = sinkOf(io.stdout).failure;
  if (failure === undefined) return;
  const message = `could not write the output: ${failure.message}`;
  const hint = isOutOfRoom(failure) ? "the disk is full: free up space and run the command again" : undefined;
  throw new CliError(message, exitCodes.unexpected, "output_failed", { hint, cause: failure });
}

/** The width of the widest terminal that is plausible; a larger value would produce endless lines. */
export const widestTerminal = 1_000;

export function believableWidth(width: number): number | undefined {
  if (!Number.isFinite(width) || width < 1) return undefined;
  return Math.min(widestTerminal, Math.floor(width));
}

export function errWidth({ io }: { io: Pick<Io, "stderrIsTty" | "columns"> }): number | undefined {
  return io.stderrIsTty ? io.columns : undefined;
}

/** Breaks safe text in the same places as a terminal would (`foldProse`). */
export type Fold = (text: string) => string;

export async function loadFold(io: Pick<Io, "stderrIsTty" | "columns">): Promise<Fold> {
  if (!io.stderrIsTty || io.columns >= widestTerminal) return (text) => text;
  const { foldProse } = await import("./text/fold.js");
  return (text) => foldProse(text, io.columns);
}

/** A label, then plain text made safe; further lines are indented, so that no text can imitate our labels. */
export function labelled(
  label: string,
  text: string,
  { paint, fold }: { paint?(text: string): string; fold: Fold },
): string {
  const folded = fold(`${label} ${safe(text, "block").replaceAll("\n", "\n  ")}`);
  return (paint?.(label) ?? label) + folded.slice(label.length);
}
