/** The local server's app: its routes, its own controls, and the checks of its callers. */

import { createHash, timingSafeEqual } from "node:crypto";
import * as v from "valibot";
import { localServerName } from "../api/schema.js";
import { latestTime } from "./clock.js";
import type { Engine } from "./engine.js";
import { ownPid } from "./environment.js";
import { BrokenConnectionError, Faults } from "./faults.js";
import { answer, noContent, RefusedRequest, timestamp } from "./http/answers.js";
import { readJson, refuseBody } from "./http/body.js";
import { createRouter, type Routes } from "./http/router.js";
import type { Streams } from "./http/sse.js";
import { check } from "./http/validate.js";
import type { Stay } from "./idleness.js";
import { newId } from "./ids.js";
import { challengeHeader, proofHeader, prove } from "./owner.js";
import { automationRoutes } from "./routes/automations.js";
import { deploymentRoutes, eventRoutes, threadRoutes } from "./routes/deployments.js";
import { ClockMoveError } from "./scheduler.js";
import { serverStatus, statusPath } from "./server-status.js";
import type { StoredRun } from "./store/records.js";

/** The server without a port. Rejects only with BrokenConnectionError, if a fault or the client disconnects. */
export type App = (request: Request) => Promise<Response>;

interface AppOptions extends ServingHooks {
  engine: Engine;
  streams: Streams;
  apiKey: string;
  closing: AbortSignal;
  /** Called with internal errors, for which the client gets a 500 without the reason. */
  onError?: ((error: unknown) => void) | undefined;
}

export interface ServingHooks {
  /** Called by `POST /_dev/stop`; without `onStop` the server has no such call. */
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

/** Adds the headers of every response; `now` is the server's time in ms. */
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

const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;
const wrongMove = 'the body must be {"set": "<RFC 3339 time>"} or {"advance_s": <seconds, 0 or more>}';

const clockMove = v.union(
  [
    v.strictObject({
      set: v.pipe(
        v.string(),
        v.regex(rfc3339),
        v.check((text) => !Number.isNaN(Date.parse(text))),
      ),
    }),
    v.strictObject({ advance_s: v.pipe(v.number(), v.minValue(0), v.maxValue(latestTime / 1000)) }),
  ],
  wrongMove,
);

const pausedRun = v.strictObject({ automation: v.string("automation must be a string") });

/** Routes that tests and demos need but the API doesn't have (src/dev-server/README.md, "What the API lacks"). */
function devRoutes(parts: {
  faults: Faults;
  counts: RequestCounts;
  stop: (() => void) | undefined;
  stay: (() => Stay | undefined) | undefined;
}): Routes {
  const { faults, counts, stop, stay } = parts;
  return {
    "/_dev/clock": {
      GET: ({ clock }) => answer(200, { now: timestamp(clock.now()) }),
      POST: async (engine, { request }) => {
        const fired = await moveClock(engine, await readJson(request));
        return answer(200, { now: timestamp(engine.clock.now()), fired });
      },
    },
    "/_dev/faults": {
      GET: () => answer(200, faults.list()),
      POST: async ({ activityLog }, { request }) => {
        const fault = faults.add(await readJson(request));
        activityLog.report("set", () => ({ subject: "a fault", detail: fault.action.type }));
        return answer(201, fault);
      },
      DELETE: ({ activityLog }) => {
        faults.clear();
        activityLog.report("cleared", () => ({ subject: "all faults" }));
        return noContent();
      },
    },
    "/_dev/runs": {
      POST: async (engine, { request }) => {
        const { automation } = check(pausedRun, await readJson(request));
        return answer(201, { run_id: startPaused(engine, automation).run_id });
      },
    },
    "/_dev/requests": { GET: () => answer(200, counts.list()) },
    "/_dev/store": { GET: ({ store }) => answer(200, { store_id: store.storeId, pid: ownPid }) },
    [statusPath]: { GET: (engine) => answer(200, serverStatus(engine, stay?.())) },
    "/_dev/stop": {
      POST: async (_, { request }) => {
        await refuseBody(request);
        if (!stop) throw new RefusedRequest(404, "this server can't be stopped this way");
        stop();
        return answer(202, { stopping: true });
      },
    },
  };
}

/** Starts a scheduled run of a paused automation, named by its id, its name or `<deployment>/<name>`. */
function startPaused({ store, runs }: Engine, ref: string): StoredRun {
  const fitting = store.automations.paused().filter(({ automation_id, deployment_id, name }) => {
    const place = store.deployments.find({ deployment_id })?.name ?? deployment_id;
    return [automation_id, name, `${place}/${name}`].includes(ref);
  });
  const [found, ...others] = fitting;
  if (found === undefined)
    throw new RefusedRequest(404, `no paused automation is named ${JSON.stringify(ref)}`);
  if (others.length > 0)
    throw new RefusedRequest(
      409,
      `${fitting.length} paused automations have that name: give <deployment>/<name>, or the id`,
    );
  const { automation_id, deployment_id, thread_id, instructions } = found;
  return runs.start({ deployment_id, automation_id, thread_id, instructions, origin: "schedule" });
}

async function moveClock(engine: Engine, body: unknown): Promise<number> {
  const move = check(clockMove, body);
  const { scheduler, clock } = engine;
  const before = clock.now();
  const time = "set" in move ? Date.parse(move.set) : before + move.advance_s * 1000;
  if (time < before) throw new RefusedRequest(400, "the clock can't go back");
  if (time > latestTime) throw new RefusedRequest(400, "the clock can't go past the year 9999");
  try {
    const fired = await scheduler.advanceTo(time);
    const now = timestamp(clock.now());
    engine.activityLog.report("moved", () => ({
      subject: `the clock to ${now}`,
      detail: `${fired} ${fired === 1 ? "run" : "runs"}`,
    }));
    return fired;
  } catch (error) {
    if (error instanceof ClockMoveError) throw new RefusedRequest(400, error.message);
    throw error;
  }
}

const mostPaths = 10_000;

/** Counts requests by method and path; beyond `mostPaths`, new paths are counted together. */
class RequestCounts {
  readonly #counts = new Map<string, { method: string; path: string; count: number }>();

  add(method: string, path: string): void {
    const isNew = !this.#counts.has(`${method} ${path}`);
    const counted = isNew && this.#counts.size >= mostPaths ? "(others)" : path;
    const key = `${method} ${counted}`;
    const entry = this.#counts.get(key) ?? { method, path: counted, count: 0 };
    entry.count += 1;
    this.#counts.set(key, entry);
  }

  list(): { method: string; path: string; count: number }[] {
    return [...this.#counts.values()];
  }
}

/** Refuses requests from web pages (403): another `Origin`, or a cross-site `Sec-Fetch-Site`. */
function refuseForeignPages(request: Request): void {
  const origin = request.headers.get("origin");
  if (origin !== null && origin !== new URL(request.url).origin)
    throw new RefusedRequest(403, "foreign origin");
  const site = request.headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin" && site !== "none")
    throw new RefusedRequest(403, "cross-site request");
}

function requireServerKey(request: Request, apiKey: string): void {
  const authorization = request.headers.get("authorization") ?? "";
  if (isAuthorization(authorization, apiKey)) return;
  const message = keyIn(authorization) === "" ? "an API key is required" : "the API key is not valid";
  throw new RefusedRequest(401, message, { "www-authenticate": "Bearer" });
}

/** True if the header contains the server's key. Compares in constant time. */
export function isAuthorization(header: string, apiKey: string): boolean {
  return timingSafeEqual(digest(keyIn(header)), digest(apiKey));
}

function keyIn(authorization: string): string {
  return /^Bearer +(.+)$/i.exec(authorization)?.[1] ?? "";
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
