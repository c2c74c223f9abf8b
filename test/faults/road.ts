import { setTimeout as pause } from "node:timers/promises";
import { bytesOf, type FetchLike, type FetchResponse, type StartTimer } from "../../src/api/fetch.js";
import type { EmbeddedServer } from "../../src/dev-server/embed.js";
import { fetchFrom } from "../support/harness.js";
import { seeded } from "../support/seed.js";
import type { FaultKind, OnTheWay } from "./kinds.js";

/** A request that is about to be sent; `nth` is its number among those with its method, from 1. */
interface Departure {
  method: string;
  path: string;
  nth: number;
  /** By the road's time. */
  atMs: number;
}

/** The fault for a request; undefined: none. */
export type Plan = (departure: Departure) => FaultKind | undefined;

/** A request that was sent, and how often it reached the server. */
export interface Passage extends Departure {
  fault: string | undefined;
  arrived: boolean;
  /** The server's response, even if it didn't arrive. */
  status: number | undefined;
}

interface Limit {
  ms: number;
  fire(): void;
}

export interface RoadOptions {
  server: Pick<EmbeddedServer, "fetch">;
  plan: Plan;
  seed: number;
  /** Divides real waits by this, for runs that are followed in real time. */
  shortenedBy?: number;
}

/**
 * The road between a command and the server, with its faults and its clock. Waits take no real time, but move the
 * clock, which late commits follow. `fetch`, `sleep`, `monotonic` and `timer` are for the command.
 */
export class Road {
  readonly passages: Passage[] = [];
  readonly #options: RoadOptions;
  /** In [0, 1), by the seed. */
  readonly random: () => number;
  readonly #counts = new Map<string, number>();
  #nowMs = 0;
  #armed: Limit[] = [];
  #late: { atMs: number; commit(): Promise<unknown> }[] = [];

  constructor(options: RoadOptions) {
    this.#options = options;
    this.random = seeded(options.seed);
  }

  readonly monotonic = (): number => this.#nowMs;

  readonly sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    signal?.throwIfAborted();
    const wakesAtMs = this.#nowMs + ms;
    const { shortenedBy } = this.#options;
    if (shortenedBy === undefined) await new Promise(setImmediate);
    else await pause(ms / shortenedBy, undefined, { signal });
    this.#nowMs = Math.max(this.#nowMs, wakesAtMs);
    await this.#commitLate();
    signal?.throwIfAborted();
  };

  readonly timer: StartTimer = (ms, fire) => {
    const limit = { ms, fire };
    this.#armed.push(limit);
    return () => {
      this.#armed = this.#armed.filter((each) => each !== limit);
    };
  };

  readonly fetch: FetchLike = async (url, init) => {
    const { pathname: path } = new URL(url);
    const ownLimit = this.#armed.at(-1);
    const departure = { method: init.method, path, nth: this.#count(init.method), atMs: this.#nowMs };
    const kind = this.#options.plan(departure);
    const passage: Passage = { ...departure, fault: kind?.name, arrived: false, status: undefined };
    this.passages.push(passage);
    const send = () => {
      passage.arrived = true;
      // It is on its way, and can't be stopped.
      const { signal: _signal, ...rest } = init;
      return fetchFrom(this.#options.server)(url, kind === undefined ? init : rest);
    };
    if (kind === undefined) {
      const answer = await send();
      passage.status = answer.status;
      return answer;
    }
    return kind.harm(this.#onTheWay(passage, { send, ownLimit }));
  };

  /** Makes all pending commits, however late, before the truth is read. */
  async arrive(): Promise<void> {
    this.#nowMs = Number.POSITIVE_INFINITY;
    await this.#commitLate();
  }

  #onTheWay(
    passage: Passage,
    { send, ownLimit }: { send: () => Promise<FetchResponse>; ownLimit: Limit | undefined },
  ): OnTheWay {
    const commit = async () => {
      const answer = await send();
      passage.status = answer.status;
      const body = await textOf(answer, { isStream: passage.path.endsWith("/events") });
      return { status: answer.status, body, type: answer.headers.get("content-type") ?? "application/json" };
    };
    return {
      commit,
      commitLater: (ms) => void this.#late.push({ atMs: this.#nowMs + ms, commit }),
      hang: () => this.#hang(ownLimit),
      random: this.random,
    };
  }

  async #commitLate(): Promise<void> {
    const due = this.#late.filter(({ atMs }) => atMs <= this.#nowMs);
    this.#late = this.#late.filter(({ atMs }) => atMs > this.#nowMs);
    for (const { commit } of due) await commit();
  }

  /** Until the headers arrive, this is the request's own limit; then it is the latest limit for the next bytes. */
  #hang(ownLimit: Limit | undefined): Promise<never> {
    const limit = this.#armed.find((each) => each === ownLimit) ?? this.#armed.at(-1);
    return new Promise(() => {
      if (limit === undefined) return;
      this.#nowMs += limit.ms;
      setImmediate(limit.fire);
    });
  }

  #count(method: string): number {
    const nth = (this.#counts.get(method) ?? 0) + 1;
    this.#counts.set(method, nth);
    return nth;
  }
}

/** The whole body, or the first bytes of an endless stream. */
async function textOf({ body }: FetchResponse, { isStream }: { isStream: boolean }): Promise<string> {
  if (body === null) return "";
  const bytes = bytesOf(body);
  const parts: Uint8Array[] = [];
  for (let step = await bytes.next(); step.done !== true; step = await bytes.next()) {
    parts.push(step.value);
    if (isStream) await bytes.return?.();
  }
  return Buffer.concat(parts).toString("utf8");
}
