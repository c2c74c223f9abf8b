import { utimesSync } from "node:fs";
import { join } from "node:path";
import type { FetchLike, StartTimer } from "../../src/api/fetch.js";
import { call, type Server } from "../incident/fleet.js";
import { fetchFrom, type HermOptions, type HermResult, herm, temporaryFolder } from "./harness.js";

const listPath = /^\/v1\/deployments\/([^/]+)\/automations$/;
const changedPath = /^\/v1\/deployments\/([^/]+)\/automations(?:\/|$)/;
const onePath = /^\/v1\/deployments\/[^/]+\/automations\/[^/]+$/;

/** A change on its way to the server, whose sender has died. */
interface LateChange {
  atMs: number;
  arrive(): Promise<unknown>;
}

interface Earlier {
  deployment: string;
  untilMs: number;
  data: unknown;
}

export const lostAnswers = ["504", "500", "502", "408", "cut", "timeout"] as const;

interface Gateway {
  landsAfterMs?: number | undefined;
  lost?: number;
  /** Default: all. */
  ids?: readonly string[];
  how?: (typeof lostAnswers)[number];
}

/** A server whose lists show a change only this many milliseconds later, by a clock that sleeps move. */
export class LaggingLists {
  ms: number;
  readonly home = temporaryFolder();
  /** The method and path of each request by a command; `automations` for earlier ones. */
  readonly requests: string[] = [];
  readonly #earlier: Earlier[] = [];
  readonly #late: LateChange[] = [];
  readonly #runsFromMs = new Map<string, number>();
  readonly #waits = new Set<{ atMs: number; fire(): void }>();
  #sleeping = 0;
  #isMoving = false;
  readonly #send: (...request: Parameters<FetchLike>) => Promise<Response>;

  constructor(
    readonly server: Server,
    readonly lagMs: number,
    start = new Date(),
  ) {
    this.ms = start.getTime();
    const send = fetchFrom(server);
    this.#send = async (url, init) => (await send(url, init)) as Response;
  }

  run(words: readonly string[], options: HermOptions = {}): Promise<HermResult> {
    const clock = () => this.ms;
    return herm(words, {
      server: this.server,
      home: this.home,
      env: { HERM_DEPLOYMENT: "dep_local" },
      fetch: this.fetch,
      sleep: (ms, signal) => this.sleep(ms, signal),
      monotonic: clock,
      random: () => 0.5,
      ...options,
      get now() {
        return new Date(clock());
      },
    });
  }

  readonly timer: StartTimer = (ms, fire) => {
    const wait = { atMs: this.ms + ms, fire };
    this.#waits.add(wait);
    return () => void this.#waits.delete(wait);
  };

  /** Waits until the clock reaches a time; the clock jumps from wait to wait once nothing else is in progress. */
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        stop();
        signal?.removeEventListener("abort", onAbort);
        this.#sleeping -= 1;
        settle();
      };
      const onAbort = () => end(() => reject(signal?.reason));
      const stop = this.timer(ms, () => end(resolve));
      signal?.addEventListener("abort", onAbort);
      this.#sleeping += 1;
      void this.#move();
    });
  }

  async #move(): Promise<void> {
    if (this.#isMoving) return;
    this.#isMoving = true;
    while (this.#sleeping > 0) {
      await settle();
      const [next] = [...this.#waits].sort((one, other) => one.atMs - other.atMs);
      if (next === undefined || this.#sleeping === 0) break;
      this.#waits.delete(next);
      await this.pass(Math.max(0, next.atMs - this.ms));
      next.fire();
    }
    this.#isMoving = false;
  }

  async pass(ms: number): Promise<void> {
    this.ms += ms;
    const due = this.#late.filter(({ atMs }) => atMs <= this.ms);
    for (const change of due) {
      this.#late.splice(this.#late.indexOf(change), 1);
      await change.arrive();
    }
  }

  /** Makes the history look as if no request had been sent for a while. */
  ageHistory(): void {
    const old = new Date(Date.now() - 120_000);
    utimesSync(join(this.home, ".local", "share", "herm", "history"), old, old);
  }

  /** Kills a command at its first change, which takes effect this much later, or never. */
  async kill(
    words: readonly string[],
    { landsAfterMs, ...options }: HermOptions & { landsAfterMs?: number },
  ): Promise<void> {
    const killed = new Promise<void>((resolve) => {
      void this.run(words, {
        ...options,
        // It counts as killed, so it isn't this process, and the time limits of its requests never end.
        pid: process.pid + 1,
        timer: () => () => undefined,
        fetch: async (url, { signal: _signal, ...init }) => {
          if (init.method === "GET") return this.fetch(url, init);
          const arrive = () => this.fetch(url, init);
          if (landsAfterMs !== undefined) this.#late.push({ atMs: this.ms + landsAfterMs, arrive });
          resolve();
          return new Promise(() => undefined);
        },
      });
    });
    await killed;
  }

  /**
   * A gateway that doesn't answer the first changes to each automation, this many, while the backend continues with the
   * first of them, which takes effect this much later, or never.
   */
  gateway({ landsAfterMs, lost = Number.POSITIVE_INFINITY, ids, how = "504" }: Gateway): FetchLike {
    const counts = new Map<string, number>();
    return async (url, { signal, ...init }) => {
      // Creates share a URL.
      const key = `${url} ${init.body ?? ""}`;
      const count = counts.get(key) ?? 0;
      const isConcerned = ids === undefined || ids.some((id) => url.includes(id));
      if (init.method === "GET" || !isConcerned || count >= lost) return this.fetch(url, init);
      counts.set(key, count + 1);
      const arrive = () => this.fetch(url, init);
      if (count === 0 && landsAfterMs === 0) await arrive();
      else if (count === 0 && landsAfterMs !== undefined)
        this.#late.push({ atMs: this.ms + landsAfterMs, arrive });
      if (how === "cut") throw Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
      if (how === "timeout") await this.sleep(3_600_000, signal);
      return new Response("", { status: Number(how) });
    };
  }

  readonly fetch: FetchLike = async (url, init) => {
    const { pathname } = new URL(url);
    this.requests.push(`${init.method} ${pathname.replace(/^.*automations/, "automations")}`);
    if (init.method !== "GET") return this.#change(pathname, () => this.#send(url, init));
    const deployment = listPath.exec(pathname)?.[1];
    const shown = this.#earlier.find((each) => each.deployment === deployment && this.ms < each.untilMs);
    if (shown !== undefined) return Response.json({ data: shown.data, next_cursor: null });
    const answer = await this.#send(url, init);
    return onePath.test(pathname) && answer.ok ? this.#withoutNewRuns(answer) : answer;
  };

  async #change(pathname: string, send: () => Promise<Response>): Promise<Response> {
    const [, deployment = ""] = changedPath.exec(pathname) ?? [];
    const path = `/v1/deployments/${deployment}/automations?limit=100`;
    const { data } = (await call(this.server, "GET", path)).body;
    const answer = await send();
    const untilMs = this.ms + this.lagMs;
    if (answer.ok) this.#earlier.push({ deployment, untilMs, data });
    if (!pathname.endsWith("/trigger")) return answer;
    const text = await answer.text();
    this.#runsFromMs.set(JSON.parse(text).run_id, untilMs);
    return new Response(text, answer);
  }

  /** Runs have no GET of their own; their automation's GET shows them as late as a list. */
  async #withoutNewRuns(answer: Response): Promise<Response> {
    const detail: { recent_runs: { run_id: string; started_at: string }[] } = JSON.parse(await answer.text());
    const recent_runs = detail.recent_runs.filter(
      ({ run_id }) => this.ms >= (this.#runsFromMs.get(run_id) ?? 0),
    );
    const isAll = recent_runs.length === detail.recent_runs.length;
    const shown = isAll
      ? detail
      : { ...detail, recent_runs, last_run_at: recent_runs[0]?.started_at ?? null };
    const headers = new Headers(answer.headers);
    headers.delete("content-length");
    return new Response(JSON.stringify(shown), { headers });
  }
}

/** Lets everything happen that needs no time on the clock, including files and modules. */
async function settle(): Promise<void> {
  for (let quiet = 0; quiet < 4; quiet += 1) {
    await new Promise(setImmediate);
    if (process.getActiveResourcesInfo().some((each) => each.startsWith("FSReq"))) quiet = 0;
  }
}
