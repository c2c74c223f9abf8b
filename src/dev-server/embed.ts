import type { ActivityEntry } from "./activity-log.js";
import { commandAgent } from "./agent/command.js";
import { scriptedAgent } from "./agent/script.js";
import { createApp } from "./app.js";
import { type Engine, openEngine, type Seed } from "./engine.js";
import { isAuthorization } from "./http/access.js";
import { type Listener, listen } from "./http/listen.js";
import { heartbeatMs, Streams } from "./http/sse.js";
import type { Stay, Work } from "./idleness.js";
import { newKey } from "./key.js";
import { inMemory } from "./store/store.js";

export interface EmbedOptions {
  /** The data file; left out: in memory. */
  dataFile?: string;
  /** Real time in ms, instead of the system's. */
  now?: () => number;
  /** A random one where it is left out. */
  apiKey?: string;
  /** The server's first time, in ms. */
  startAt?: number;
  /** Fills an empty store; left out: it begins with one deployment. */
  seed?: Seed | undefined;
  /** A program as the agent, instead of the scripted one. */
  agentCommand?: string;
  /** The scripted agent's pause after each word in ms, on the server's clock. Default 0. */
  stepDelayMs?: number;
  /** Milliseconds of silence before a comment is sent. Default 15 s. */
  heartbeatMs?: number;
  /** Answers `POST /_dev/stop`; without it there is no such call. */
  onStop?: () => void;
  stay?: () => Stay | undefined;
  /** Hears of every request. */
  onRequest?: () => void;
  /** Hears of every change, and of every start and end of a run. */
  onActivity?: (activity: ActivityEntry) => void;
  /** Hears of failures inside the server, of which a client sees a 500 at most. */
  onError?: (error: unknown) => void;
}

export interface EmbeddedServer {
  apiKey: string;
  storeId: string;
  /** The store was empty. */
  isNew: boolean;
  /** The app itself, every check included but `Host`, which only a socket has: use `http://127.0.0.1/…`. */
  fetch(request: Request): Promise<Response>;
  /** Serves it on 127.0.0.1 as well; port 0, the default, takes a free one. */
  listen(options?: { port?: number }): Promise<{ url: string }>;
  /** Moves the server's clock: everything due on the way fires, and what it sets off comes to rest. */
  advance(seconds: number): Promise<void>;
  deploymentIds(): string[];
  look(): Work;
  /** Ends streams, runs, sockets and the store; a second call waits for the first. */
  close(): Promise<void>;
}

/**
 * A local server within this process: the whole of src/api/README.md, on its own data. Throws what opening the
 * store throws: DataFileBusyError when another server has the data file.
 */
export async function embedDevServer(options: EmbedOptions = {}): Promise<EmbeddedServer> {
  const { apiKey = newKey(), onError: report = () => undefined } = options;
  const engine = await openEngineFor(options, report);
  const streams = new Streams(engine.store, { heartbeatMs: options.heartbeatMs ?? heartbeatMs });
  const closing = new AbortController();
  const app = createApp({
    engine,
    streams,
    apiKey,
    stop: options.onStop,
    stay: options.stay,
    touch: options.onRequest,
    closing: closing.signal,
    report,
  });
  const listeners: Listener[] = [];
  let closed: Promise<void> | undefined;
  const closeAll = async () => {
    closing.abort();
    streams.close();
    await Promise.all(listeners.map((listener) => listener.close()));
    await engine.close();
  };
  return {
    apiKey,
    storeId: engine.store.storeId,
    isNew: engine.isNew,
    fetch: app,
    listen: async ({ port = 0 } = {}) => {
      const listener = await listen(app, {
        port,
        now: () => engine.clock.now(),
        hasKey: ({ headers }) => isAuthorization(headers.authorization ?? "", apiKey),
      });
      listeners.push(listener);
      return { url: listener.url };
    },
    advance: async (seconds) => void (await engine.scheduler.advanceBy(seconds * 1000)),
    deploymentIds: () => engine.store.deployments.ids(),
    look: () => workOf(engine, streams),
    close: () => {
      closed ??= closeAll();
      return closed;
    },
  };
}

function workOf({ store, runs, clock }: Engine, streams: Streams): Work {
  const next = store.automations.nextDue();
  return {
    isAtWork: runs.active > 0 || streams.count > 0,
    dueInMs: next && next.next_run_at - clock.now(),
  };
}

/** The engine with its data and its agent. */
function openEngineFor(options: EmbedOptions, report: (error: unknown) => void): Promise<Engine> {
  return openEngine({
    file: options.dataFile ?? inMemory,
    realTime: options.now ?? Date.now,
    agent: options.agentCommand === undefined ? scriptedAgent : commandAgent(options.agentCommand),
    stepDelayMs: options.stepDelayMs ?? 0,
    startAt: options.startAt,
    seed: options.seed,
    listener: options.onActivity,
    report,
  });
}
