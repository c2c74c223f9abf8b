import { createApp, type ServingHooks } from "./app.js";
import { type Engine, type EngineOptions, openEngine } from "./engine.js";
import { isAuthorization } from "./http/access.js";
import { type Listener, listen } from "./http/listen.js";
import { heartbeatMs, Streams } from "./http/sse.js";
import type { Work } from "./idleness.js";
import { newKey } from "./key.js";

export interface EmbedOptions extends EngineOptions, ServingHooks {
  /** A random one where it is left out. */
  apiKey?: string | undefined;
  /** Milliseconds of silence before a comment is sent. Default 15 s. */
  heartbeatMs?: number;
}

export interface EmbeddedServer {
  apiKey: string;
  storeId: string;
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
  const { apiKey = newKey() } = options;
  const engine = await openEngine(options);
  const streams = new Streams(engine.store, { heartbeatMs: options.heartbeatMs ?? heartbeatMs });
  const closing = new AbortController();
  const app = createApp({ ...options, engine, streams, apiKey, closing: closing.signal });
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
    advance: async (seconds) => void (await engine.scheduler.advanceTo(engine.clock.now() + seconds * 1000)),
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
