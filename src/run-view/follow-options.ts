import type { Message, RawEvent, Run } from "../api/types.js";
import type { FollowSource, Reconnect } from "./follow-source.js";
import type { Sleep } from "./mailbox.js";
import type { RunState } from "./reduce.js";
import type { RunView } from "./view.js";

export interface FollowOptions {
  source: FollowSource;
  view: RunView;
  sleep: Sleep;
  /** Ends the following, never the run. */
  signal: AbortSignal;
  timeoutMs: number | undefined;
  /** Called once, when the stream is open: sends what starts the run, or reads what it was until now. */
  start(): Promise<RunStart>;
  /** Asks a person and sends the answer; absent where nobody can be asked. The signal aborts when the run moves on. */
  answer?(question: string | undefined, asked: { state: RunState; signal: AbortSignal }): Promise<void>;
  /** Nobody reads the output any more, and nothing depends on the outcome. */
  isOutputClosed?(): boolean;
}

/** The run that is followed. */
export interface RunStart {
  run_id: string;
  thread_id?: string;
  /** A run that was under way: how it stood, and its messages until then. */
  joined?: { run: Run; messages: readonly Message[] };
}

export interface FollowEnd {
  /** `final`: completed or error. `lost`: the stream can't be read any more. */
  reason: "final" | "waiting" | "timeout" | "lost" | "closed";
  state: RunState;
  /** As the automation showed it last. */
  run: Run | undefined;
  /** The whole text, where the stream brought only a part that could not be completed. */
  wholeText: string | undefined;
  /** Why the stream was lost. */
  cause?: unknown;
  /** The last event before the run's first, where the stream was there that early. */
  afterEvent?: string | undefined;
}

/** What a follow reacts to, from wherever it comes. */
export type FollowMessage =
  | { kind: "batch"; batch: RawEvent[]; done(): void }
  | { kind: "over"; cause: unknown }
  | { kind: "reconnect"; state: Reconnect["state"] }
  | { kind: "poll" | "confirm" | "timeout" | "abort" }
  | { kind: "started"; start: RunStart }
  | { kind: "failed"; cause: unknown }
  | { kind: "read"; run: Run | undefined; seen: number }
  | { kind: "answered"; error?: unknown };
