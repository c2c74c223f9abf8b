import type { Writable } from "node:stream";
import type { Io } from "../context.js";
import { CliError, codeOf, exitCodes, isOutOfRoom } from "../errors.js";
import { WorkflowGuard } from "./github.js";

const readerIsGone = new Set([
  "EPIPE",
  "ECONNRESET",
  "ERR_STREAM_DESTROYED",
  "ERR_STREAM_WRITE_AFTER_END",
  "EOF",
]);
const sinks = new WeakMap<Writable, Sink>();

/**
 * The one place that writes to a stream: waits for slow readers, and takes a closed pipe quietly (src/output/README.md,
 * "Pipes and ends").
 */
export class Sink {
  #guard: WorkflowGuard | undefined;
  /** Why writing failed, if it wasn't the reader who left. */
  failure: Error | undefined;
  /** Nobody reads any more, or the disk is full: what is written from now on goes nowhere. */
  isClosed = false;
  /** Written before a crash is told: what gives a terminal back that is drawn on. */
  beforeCrash = "";
  #last: Promise<void> = Promise.resolve();
  /** Ends the waits of writes whose answer may never come from a stream that broke. */
  readonly #waits = new Set<() => void>();

  constructor(private readonly stream: Writable) {
    stream.on("error", (error) => this.#stop(error));
    stream.on("close", () => this.#close());
  }

  /** From now on no text is read as a workflow command by GitHub Actions (src/output/README.md, "Foreign text"). */
  guardCommands(): void {
    this.#guard ??= new WorkflowGuard();
  }

  /** Resolves when the text has left the process, or can't any more. Never rejects. */
  write(text: string): Promise<void> {
    return this.#send(this.#guard?.guard(text) ?? text);
  }

  /** A whole line that is meant as a workflow command, unguarded. */
  writeCommand(line: string): Promise<void> {
    return this.#send(`${line}\n`);
  }

  /** Resolves when all that was written has left the process. */
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

  /** What a terminal answers that went away; of a disk the same word says that it fails. */
  #isHungUp(error: Error): boolean {
    return codeOf(error) === "EIO" && "isTTY" in this.stream && this.stream.isTTY === true;
  }

  #close(): void {
    this.isClosed = true;
    for (const resolve of this.#waits) resolve();
    this.#waits.clear();
  }
}

/** The stream's one sink: every printer of a stream shares it, and so what is known of its reader. */
export function sinkOf(stream: Writable): Sink {
  const known = sinks.get(stream);
  if (known !== undefined) return known;
  const sink = new Sink(stream);
  sinks.set(stream, sink);
  return sink;
}

/** Keeps both streams free of workflow commands, whoever writes. For main, when `GITHUB_ACTIONS` is `true`. */
export function guardOutput(io: { stdout: Writable; stderr: Writable }): void {
  sinkOf(io.stdout).guardCommands();
  sinkOf(io.stderr).guardCommands();
}

/** Whether a command draws on the whole screen: nothing else may be written then. */
export function isScreenTaken({ stdout }: { stdout: Writable }): boolean {
  return sinkOf(stdout).beforeCrash !== "";
}

/** Gives terminals back that are drawn on. For main, when the process crashes: no command's own end is reached then. */
export function restoreTerminals(io: { stdout: Writable; stderr: Writable }): void {
  for (const sink of [sinkOf(io.stdout), sinkOf(io.stderr)]) {
    void sink.write(sink.beforeCrash);
    sink.beforeCrash = "";
  }
}

/**
 * Waits until stdout and stderr have taken everything. Throws if stdout could not (a full disk): such a result is not
 * to be taken for whole. A closed pipe is no failure. For main, after the command.
 */
export async function finishOutput(io: { stdout: Writable; stderr: Writable }): Promise<void> {
  await Promise.all([sinkOf(io.stdout).flushed(), sinkOf(io.stderr).flushed()]);
  const failure = sinkOf(io.stdout).failure;
  if (failure === undefined) return;
  throw new CliError(
    `could not write the output: ${failure.message}`,
    exitCodes.unexpected,
    "output_failed",
    {
      hint: isOutOfRoom(failure) ? "the disk is full: free some space and run it again" : undefined,
      cause: failure,
    },
  );
}

/** No terminal is wider: one that says so would be given lines without an end. */
export const widestTerminal = 1_000;

/** The width that a terminal says it has; undefined where that can't be so. */
export function believableWidth(width: number): number | undefined {
  if (!Number.isFinite(width) || width < 1) return undefined;
  return Math.min(widestTerminal, Math.floor(width));
}

/** The width that lines on stderr are folded to; undefined where it isn't a terminal. */
export function errWidth({ io }: { io: Pick<Io, "stderrIsTty" | "columns"> }): number | undefined {
  return io.stderrIsTty ? io.columns : undefined;
}
