/** Everything that a command receives: its call, streams, clocks and settings. */

import type { Readable, Writable } from "node:stream";
import type { HermClient } from "../api/client.js";
import type { FetchLike, StartTimer } from "../api/fetch.js";
import type { DeploymentSummary } from "../api/types.js";
import type { Settings } from "../settings/settings.js";
import type { Prompts } from "./prompts.js";

export interface Io {
  stdin: Readable;
  stdout: Writable;
  stderr: Writable;
  stdoutIsTty: boolean;
  stderrIsTty: boolean;
  /** True if prompts are possible: stdin and stderr are terminals, and neither `CI` nor `--no-input` is set. */
  canPrompt: boolean;
  /** True if stderr is a terminal, and neither `CI` nor `--no-input` is set, whatever stdin is. */
  isAttended?: boolean;
  /** True if the stream may contain colour. */
  colour: { stdout: boolean; stderr: boolean };
  /** True in accessible mode: words only, no symbols or columns. */
  inWords?: { stdout: boolean; stderr: boolean };
  /** False in accessible mode, and on terminals without cursor control. */
  canRedraw: boolean;
  /** Terminal width, or 80. */
  columns: number;
}

export interface TerminalPrompts {
  prompts: Prompts;
  close(): void;
}

/** The parts of the machine that commands get too. */
interface HostProcess {
  readonly version: string;
  readonly program: readonly string[];
  readonly runtime: Runtime;
  now(): Date;
  /** Milliseconds on a clock that never jumps. */
  monotonic(): number;
  /** Rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  readonly timer?: StartTimer | undefined;
  /** Aborts at the first stop signal, with an InterruptedError as reason. */
  readonly signal: AbortSignal;
  /** Aborts the signal on Ctrl-C in raw mode, in which the terminal itself sends no signal. */
  readonly interrupt?: ((reason: unknown) => void) | undefined;
  readonly jobControl?: JobControl | undefined;
}

/** Everything that a command may use; each part is created on first use. */
export interface Context extends HostProcess {
  readonly io: Io;
  readonly prompts: Prompts;
  /** Prompts on the terminal itself, for when stdin is in use; undefined if that is impossible. */
  terminalPrompts?(): TerminalPrompts | undefined;
  readonly settings: Settings;
  /** Starts the local server under `--local`. Throws NoKeyError. */
  client(): Promise<HermClient>;
  /** The client; undefined under `--local` without a running server. */
  clientIfUp(): Promise<HermClient | undefined>;
  /** A client to check a new key. */
  clientFor(target: { baseUrl: string; apiKey: string }): Promise<HermClient>;
  /** The server's time after its first response, for a local server with a moved clock; otherwise `now`. */
  serverNow(): Date;
  /** This call's words without `herm`. */
  readonly words: readonly string[];
  readonly call: CommandCall;
  /** `--reason`, otherwise HERM_REASON. */
  readonly reason: string | undefined;
  pickedDeployment?: DeploymentSummary;
}

export interface JobControl {
  /** Calls back right before this process stops, and when it continues; the returned function unsubscribes. */
  listen(listener: { onStop?(): void; onContinue?(): void }): () => void;
  stop(): void;
}

export interface Runtime {
  name: "Node" | "Bun";
  version: string;
}

/** Saves typed text in a private file; returns its path. */
export type SaveText = (text: string) => Promise<string>;

/** The machine: system-context.ts provides the real one, the harness provides the one for tests. */
export interface System extends HostProcess {
  stdin: Readable;
  stdout: Writable;
  stderr: Writable;
  isTty: { stdin: boolean; stdout: boolean; stderr: boolean };
  columns(): number | undefined;
  env: Record<string, string | undefined>;
  cwd: string;
  home: string;
  uid: number | undefined;
  pid: number;
  /** True if a process is running; used to detect the locks of dead processes. */
  isRunning(pid: number): boolean;
  /** Returns a number in [0, 1) for jitter; random by default. */
  random?(): number;
  /** Calls the listener with an uncaught error; the process ends once the listener is done. */
  onCrash?(listener: (error: unknown) => Promise<void>): void;
  /** Called with a command's path before the command is loaded. */
  onCommand?(path: readonly string[]): void;
  /** Node's http(s) if absent. */
  fetch?: FetchLike;
  /** A terminal, or undefined if this process has none. */
  openTerminal?(): Readable | undefined;
  loadPrompts(io: Io, saveText: SaveText): Promise<Prompts>;
  /** Finds the local server of a built-in profile, or starts it and reports that through `announce`. */
  localServer(options: {
    dataDir: string;
    profile: string;
    announce(facts: readonly string[]): void;
  }): Promise<AnsweringServer>;
  runningServer(dataDir: string, profile: string): Promise<AnsweringServer | undefined>;
}

export interface AnsweringServer {
  url: string;
  apiKey: string;
}

/** `destroys`: what it removes can't be restored unchanged. `local`: changes only this machine. */
export type Effect = "reads" | "changes" | "destroys" | "local";

/** A flag's value from the command line; undefined if the flag is absent. */
export type GivenValue = string | readonly string[] | boolean | undefined;

export interface CommandCall {
  effect: Effect;
  printsText?: true | undefined;
  path: readonly string[];
  arguments: readonly (string | readonly string[] | undefined)[];
  /** Flags by their declared names, in typed order. */
  flags: Readonly<Record<string, GivenValue>>;
}
