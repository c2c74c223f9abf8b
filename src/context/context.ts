/** All that a command is given: its input's call, its streams, its clocks and settings. */

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
  /** True when stdin and stderr are terminals, without `CI` and `--no-input`: somebody can be asked. */
  canPrompt: boolean;
  /** True when stderr is a terminal, without `CI` and `--no-input`, whatever stdin is. */
  isAttended?: boolean;
  /** True where colour may be written. */
  colour: { stdout: boolean; stderr: boolean };
  /** True where everything is written in words, without signs and columns: accessible mode. */
  inWords?: { stdout: boolean; stderr: boolean };
  /** False in accessible mode, and on terminals that can't be drawn over. */
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
  /** Milliseconds by a clock that never jumps. */
  monotonic(): number;
  /** Rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  readonly timer?: StartTimer | undefined;
  /** Aborts at the first signal that asks to stop, with an InterruptedError as reason. */
  readonly signal: AbortSignal;
  /** Aborts the signal, where raw mode keeps Ctrl-C from doing so. */
  readonly interrupt?: ((reason: unknown) => void) | undefined;
  readonly jobControl?: JobControl | undefined;
}

/** Everything that a command may use; each part is made at its first use. */
export interface Context extends HostProcess {
  readonly io: Io;
  readonly prompts: Prompts;
  /** Asks on the terminal itself where stdin is taken by a text; undefined where it can't. */
  terminalPrompts?(): TerminalPrompts | undefined;
  readonly settings: Settings;
  /** Throws NoKeyError, and starts the local server under `--local`. */
  client(): Promise<HermClient>;
  /** The client, or undefined under `--local` where no server is up. */
  clientIfUp(): Promise<HermClient | undefined>;
  /** A client for a key that is still to be checked. */
  clientFor(target: { baseUrl: string; apiKey: string }): Promise<HermClient>;
  /** The server's time once it has answered, for a local server whose clock was moved; else `now`. */
  serverNow(): Date;
  /** Words of this call without `herm`. */
  readonly words: readonly string[];
  readonly call: CommandCall;
  /** `--reason`, else HERM_REASON. */
  readonly reason: string | undefined;
  /** The deployment that was picked in this call. */
  pickedDeployment?: DeploymentSummary;
}

export interface JobControl {
  /** Calls back right before this process stops, and when it goes on; ends with what it gives back. */
  listen(listener: { onStop?(): void; onContinue?(): void }): () => void;
  stop(): void;
}

export interface Runtime {
  name: "Node" | "Bun";
  version: string;
}

/** Saves a typed text in a private file; gives its path. */
export type SaveText = (text: string) => Promise<string>;

/** The machine: the real one is in system-context.ts, the tests' in the harness. */
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
  /** True while a process runs: for locks that a dead one left. */
  isRunning(pid: number): boolean;
  /** A number in [0, 1), for jitter; absent: at random. */
  random?(): number;
  /** Calls back with what nothing caught; the process ends when the listener is done. */
  onCrash?(listener: (error: unknown) => Promise<void>): void;
  /** Called with the path of the command that is about to be loaded. */
  onCommand?(path: readonly string[]): void;
  /** Node's http(s) where absent. */
  fetch?: FetchLike;
  /** A terminal, or undefined where this process has none. */
  openTerminal?(): Readable | undefined;
  loadPrompts(io: Io, saveText: SaveText): Promise<Prompts>;
  /** Finds the local server of a built-in profile, or starts one and says so through `announce`. */
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

/** `destroys`: can't be restored as it was. `local`: changes this machine alone. */
export type Effect = "reads" | "changes" | "destroys" | "local";

/** A flag as the command line has it: undefined where it isn't there. */
export type GivenValue = string | readonly string[] | boolean | undefined;

export interface CommandCall {
  effect: Effect;
  printsText?: true | undefined;
  path: readonly string[];
  arguments: readonly (string | readonly string[] | undefined)[];
  /** Flags by their names in the declaration, in the order in which they were typed. */
  flags: Readonly<Record<string, GivenValue>>;
}
