import type { Readable, Writable } from "node:stream";
import type { Herm } from "./api/client.js";
import type { FetchLike } from "./api/fetch.js";
import type { StartTimer } from "./api/guard.js";
import type { CommandCall } from "./command/call.js";
import type { Prompts } from "./prompts.js";
import type { Settings } from "./settings/settings.js";

/** Where a command reads and writes; plain data, decided once per call of main. */
export interface Io {
  stdin: Readable;
  stdout: Writable;
  stderr: Writable;
  stdoutIsTty: boolean;
  stderrIsTty: boolean;
  /** stdin and stderr are terminals, `CI` and `--no-input` are absent. A command that takes stdin for a text looks at that itself. */
  canPrompt: boolean;
  /** The same, whatever stdin is: somebody sits there. */
  isAttended?: boolean;
  /** Whether escapes for colour may be written: separately decided for stdout and stderr. */
  colour: { stdout: boolean; stderr: boolean };
  /** Whether all is told in words there, without signs and columns: a terminal in accessible mode. Off: absent. */
  inWords?: { stdout: boolean; stderr: boolean };
  /** Whether a terminal may be drawn over. Not in accessible mode, nor where its type says that it can't be. */
  canRedraw: boolean;
  /** Width of the terminal; 80 where it isn't known. */
  columns: number;
}

/** Questions on a terminal that was opened for them; to be closed. */
export interface TerminalPrompts {
  prompts: Prompts;
  close(): void;
}

/** What a command may touch. Each part is settled at the first touch, after the flags were read. */
export interface Context {
  readonly io: Io;
  readonly prompts: Prompts;
  /** Asks on the terminal itself where stdin is taken by a text; undefined where nobody sits there, or it can't be opened. */
  terminalPrompts?(): TerminalPrompts | undefined;
  readonly settings: Settings;
  /** The client for the target in force; throws NoKeyError, or starts the local server under `--local`. */
  client(): Promise<Herm>;
  /** As client, but undefined under `--local` where no server is up: nothing is started. */
  clientIfUp(): Promise<Herm | undefined>;
  /** A client for another key or place than the target's: a key that is still to be checked. */
  clientFor(target: { baseUrl: string; apiKey: string }): Promise<Herm>;
  now(): Date;
  /**
   * The time that the server's times are told by: a local server's, whose clock may have been moved, once its first answer
   * is there; else `now`.
   */
  serverNow(): Date;
  /** Milliseconds by a clock that never jumps: for how long something took. */
  monotonic(): number;
  /** Real waiting in the product, a passed-in clock in tests; rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Absent: real time. */
  readonly timer?: StartTimer | undefined;
  /** This program's version. */
  readonly version: string;
  /** The words that start this program from anywhere: full paths. */
  readonly program: readonly string[];
  readonly runtime: Runtime;
  /** Aborts at the first signal that asks to stop (errors.ts, `interruptions`), with an InterruptedError as reason. */
  readonly signal: AbortSignal;
  /** Aborts that signal, for who reads keys in raw mode, where Ctrl-C sends none. */
  readonly interrupt?: ((reason: unknown) => void) | undefined;
  /** What this call was typed as, without `herm`. */
  readonly words: readonly string[];
  /** The same as its declaration reads it. */
  readonly call: CommandCall;
  /** Why it changes what it changes: `--reason`, else HERM_REASON. */
  readonly reason: string | undefined;
  /** Absent where a system has none. */
  readonly jobControl?: JobControl | undefined;
}

/** A shell's stopping of this process, and letting it go on. */
export interface JobControl {
  /** Calls back right before this process stops, and when it goes on or a shell may have had the terminal; until what it gives back is called. */
  listen(listener: { onStop(): void; onContinue(): void }): () => void;
  /** Stops the whole job, as a terminal does at Ctrl-Z. */
  stop(): void;
}

/** What runs this program: Node, or the Bun within the executable. */
export interface Runtime {
  name: "Node" | "Bun";
  version: string;
}

/** Keeps a text that a person typed, in a private file; gives its path. */
export type SaveText = (text: string) => Promise<string>;

/** What the machine gives to main: the real one comes from system-context.ts, the tests' from the harness. */
export interface System {
  version: string;
  program: readonly string[];
  runtime: Runtime;
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
  /** Whether a process of this machine still runs: for locks that a dead one left. */
  isRunning(pid: number): boolean;
  now(): Date;
  monotonic(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Absent: real time limits. */
  timer?: StartTimer;
  /** In [0, 1), for jitter; absent: at random. */
  random?(): number;
  signal: AbortSignal;
  interrupt?: Context["interrupt"];
  /** Absent: none. */
  jobControl?: JobControl | undefined;
  /** Calls back with what nothing caught; the process ends when the listener is done. */
  onCrash?(listener: (error: unknown) => Promise<void>): void;
  /** Hears of the command that is about to be loaded, by its path in the tree. */
  onCommand?(path: readonly string[]): void;
  /** Absent: node:http(s). */
  fetch?: FetchLike;
  /** The terminal that this process has, to be read from and destroyed; undefined where it has none. */
  openTerminal?(): Readable | undefined;
  /** Loads what asks questions; called at the first question only. */
  loadPrompts(io: Io, saveText: SaveText): Promise<Prompts>;
  /** Finds the local server of a built-in profile, or starts one and says so through `announce`. */
  localServer(options: {
    dataDir: string;
    profile: string;
    announce(facts: readonly string[]): void;
  }): Promise<AnsweringServer>;
  /** The local server of a built-in profile, if it is up. */
  runningServer(dataDir: string, profile: string): Promise<AnsweringServer | undefined>;
}

/** A local server that has just answered. */
export interface AnsweringServer {
  url: string;
  apiKey: string;
}
