import type { FetchLike } from "../../src/api/fetch.js";
import { call, type Server } from "../incident/fleet.js";
import { fetchFrom, type HermOptions, type HermResult, herm, temporaryFolder } from "./harness.js";

const listPath = /^\/v1\/deployments\/([^/]+)\/automations$/;
const changedPath = /^\/v1\/deployments\/([^/]+)\/automations(?:\/|$)/;
const onePath = /^\/v1\/deployments\/[^/]+\/automations\/[^/]+$/;

interface Earlier {
  deployment: string;
  untilMs: number;
  data: unknown;
}

/** A server whose lists show a change only so many milliseconds later, by a clock that sleeping moves. */
export class LaggingLists {
  ms: number;
  readonly home = temporaryFolder();
  /** Method and path of each request of a command, `automations` for those before. */
  readonly requests: string[] = [];
  readonly #earlier: Earlier[] = [];
  readonly #runsFromMs = new Map<string, number>();
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
      sleep: async (ms, signal) => {
        signal?.throwIfAborted();
        this.ms += ms;
      },
      monotonic: clock,
      ...options,
      get now() {
        return new Date(clock());
      },
    });
  }

  readonly fetch: FetchLike = async (url, init) => {
    const { pathname } = new URL(url);
    this.requests.push(`${init.method} ${pathname.replace(/^.*automations/, "automations")}`);
    if (init.method !== "GET") return this.#change(pathname, () => this.#send(url, init));
    const deployment = listPath.exec(pathname)?.[1];
    const shown = this.#earlier.find((each) => each.deployment === deployment && this.ms < each.untilMs);
    if (shown !== undefined) return Response.json({ data: shown.data, next_cursor: null });
    const answer = await this.#send(url, init);
    return onePath.test(pathname) && answer.ok ? this.#withoutNewRuns(await answer.text()) : answer;
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

  /** Runs have no GET of their own: an automation's own one shows them as late as a list. */
  #withoutNewRuns(text: string): Response {
    const detail: { recent_runs: { run_id: string; started_at: string }[] } = JSON.parse(text);
    const recent_runs = detail.recent_runs.filter(
      ({ run_id }) => this.ms >= (this.#runsFromMs.get(run_id) ?? 0),
    );
    if (recent_runs.length === detail.recent_runs.length) return new Response(text);
    return Response.json({ ...detail, recent_runs, last_run_at: recent_runs[0]?.started_at ?? null });
  }
}
