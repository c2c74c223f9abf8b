import { localServerName } from "../api/local-server.js";
import type { Engine } from "./engine.js";
import { BrokenConnectionError, Faults } from "./faults.js";
import { refuseForeignPages, requireServerKey } from "./http/access.js";
import { RefusedRequest } from "./http/answers.js";
import { RequestCounts } from "./http/request-counts.js";
import { createRouter } from "./http/router.js";
import type { Streams } from "./http/sse.js";
import type { Stay } from "./idleness.js";
import { newId } from "./ids.js";
import { challengeHeader, proofHeader, prove } from "./owner.js";
import { automationRoutes } from "./routes/automations.js";
import { deploymentRoutes, eventRoutes, threadRoutes } from "./routes/deployments.js";
import { devRoutes } from "./routes/dev.js";
import { statusPath } from "./server-status.js";

/**
 * The whole server without a port. Rejects only with BrokenConnectionError, when a fault says that the connection
 * breaks, or the client broke it.
 */
export type App = (request: Request) => Promise<Response>;

interface AppOptions extends ServingHooks {
  engine: Engine;
  streams: Streams;
  apiKey: string;
  closing: AbortSignal;
  /** Hears of what went wrong inside: the client gets a 500 without the reason. */
  onError?: ((error: unknown) => void) | undefined;
}

export interface ServingHooks {
  /** Called by `POST /_dev/stop`; without `onStop` the server doesn't have that call. */
  onStop?: (() => void) | undefined;
  stay?: (() => Stay | undefined) | undefined;
  onRequest?: (() => void) | undefined;
}

export function createApp(options: AppOptions): App {
  const { engine, streams, apiKey } = options;
  const faults = new Faults(options.closing);
  const counts = new RequestCounts();
  const route = createRouter(engine, {
    ...deploymentRoutes,
    ...automationRoutes,
    ...threadRoutes,
    ...eventRoutes(streams),
    ...devRoutes({ faults, counts, stop: options.onStop, stay: options.stay }),
  });
  const handle = (request: Request) => answerErrors(async () => route(request), options.onError);

  const respond = async (request: Request): Promise<Response> => {
    refuseForeignPages(request);
    const { pathname } = new URL(request.url);
    if (pathname !== statusPath) options.onRequest?.();
    const isApi = !pathname.startsWith("/_dev/");
    if (isApi) counts.add(request.method, pathname);
    requireServerKey(request, apiKey);
    return isApi ? faults.apply(request, () => handle(request)) : handle(request);
  };

  return async (request) => {
    const response = await answerErrors(() => respond(request), options.onError);
    const challenge = request.headers.get(challengeHeader);
    if (challenge !== null) {
      response.headers.set(proofHeader, prove(challenge, { apiKey, host: new URL(request.url).host }));
    }
    return finish(response, engine.clock.now());
  };
}

/** Headers of every answer; `now` is the server's time in ms. */
export function finish(response: Response, now: number): Response {
  const { headers } = response;
  headers.set("date", new Date(now).toUTCString());
  headers.set("server", localServerName);
  headers.set("x-request-id", newId("req"));
  headers.set("x-content-type-options", "nosniff");
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  return response;
}

async function answerErrors(
  work: () => Promise<Response>,
  onError: AppOptions["onError"],
): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RefusedRequest) return error.toResponse();
    if (error instanceof BrokenConnectionError) throw error;
    onError?.(error);
    return new RefusedRequest(500, "the server failed").toResponse();
  }
}
