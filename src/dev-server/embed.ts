import { createApp, type ServingHooks } from "./app.js";
import { type EngineOptions, openEngine } from "./engine.js";
import { isAuthorization } from "./http/access.js";
import { type Listener, listen } from "./http/listen.js";
import { heartbeatMs, Streams } from "./http/sse.js";
import type { Work } from "./idleness.js";
import { newKey } from "./key.js";

export interface EmbedOptions extends EngineOptions, ServingHooks {
  /** The key that requests need; default: a random one. */
  apiKey?: string | undefined;
  /** Milliseconds of silence before a comment is sent. Default 15 s. */
  heartbeatMs?: number;
}

export type EmbeddedServer = Awaited<ReturnType<typeof embedDevServer>>;

/**
 * A local server within this process: the whole of src/api/README.md, on its own data. Throws what opening the
 * store throws: DataFileBusyError when another server has the data file.
 */
export async function embedDevServer(options: EmbedOptions = {}) {
  const { apiKey = newKey() } = options;
  const engine = await openEngine(options);
  const { store } = engine;
  const streams = new Streams(store, { heartbeatMs: options.heartbeatMs ?? heartbeatMs });
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
    storeId: store.storeId,
    isNew: engine.isNew,
    /** The app itself, every check included but `Host`, which only a socket has: use `http://127.0.0.1/…`. */
    fetch: app,
    /** Serves it on 127.0.0.1 as well; port 0, the default, takes a free one. */
    listen: async ({ port = 0 }: { port?: number } = {}) => {
      const listener = await listen(app, {
        port,
        now: () => engine.clock.now(),
        hasKey: ({ headers }) => isAuthorization(headers.authorization ?? "", apiKey),
      });
      listeners.push(listener);
      return { url: listener.url };
    },
    /** Moves the server's clock: everything due on the way fires, and what it sets off comes to rest. */
    advance: async (seconds: number) =>
      void (await engine.scheduler.advanceTo(engine.clock.now() + seconds * 1000)),
    deploymentIds: () => store.deployments.ids(),
    look: (): Work => {
      const next = store.automations.nextDue();
      return {
        isAtWork: engine.runs.active > 0 || streams.count > 0,
        dueInMs: next && next.next_run_at - engine.clock.now(),
      };
    },
    /** Ends streams, runs, sockets and the store; a second call waits for the first. */
    close: () => {
      closed ??= closeAll();
      return closed;
    },
  };
}
