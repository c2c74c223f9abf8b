import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import type { ActivityEntry } from "../../src/dev-server/activity-log.js";
import { type EmbeddedServer, embedDevServer } from "../../src/dev-server/embed.js";
import { loseDueRuns } from "../support/downtime.js";
import { type HermOptions, type HermResult, herm } from "../support/harness.js";

const apiKey = "key_audit";

/** A local server that can be down, with a clock that moves only on request. */
export class AuditWorld {
  readonly #folder = mkdtempSync(join(tmpdir(), "herm-audit-"));
  readonly #dataFile = join(this.#folder, "data.db");
  readonly home = join(this.#folder, "home");
  #server: EmbeddedServer | undefined;
  /** How far the server's clock has been moved from real time. */
  #aheadMs = 0;

  constructor(
    private nowMs: number,
    private readonly hear?: (happening: ActivityEntry) => void,
  ) {}

  /** It is closed when the test ends. `start` is RFC 3339. */
  static async open(start: string): Promise<AuditWorld> {
    const world = await AuditWorld.begin(start);
    onTestFinished(() => world.close());
    return world;
  }

  /** A server that the caller has to close, for use outside tests too. */
  static async begin(start: string, hear?: (happening: ActivityEntry) => void): Promise<AuditWorld> {
    const world = new AuditWorld(Date.parse(start), hear);
    await world.#open();
    return world;
  }

  async close(): Promise<void> {
    await this.#server?.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get now(): Date {
    return new Date(this.nowMs);
  }

  get server(): EmbeddedServer {
    if (this.#server === undefined) throw new Error("the server rests");
    return this.#server;
  }

  /** Lets time pass: due automations run, and their effects finish. */
  async pass(minutes: number): Promise<void> {
    // At most a thousand runs at a time.
    for (let left = minutes * 60; left > 0; left -= 6 * 3600) {
      const seconds = Math.min(left, 6 * 3600);
      await this.server.advance(seconds);
      this.nowMs += seconds * 1000;
      this.#aheadMs += seconds * 1000;
    }
  }

  /** Lets time pass until then. */
  async passUntil(time: string): Promise<void> {
    await this.pass((Date.parse(time) - this.nowMs) / 60_000);
  }

  /**
   * The server is down for a while; after that, it makes up for missed runs with one late run each, or has lost them.
   */
  async rest(minutes: number, { isLost = false } = {}): Promise<void> {
    await this.server.close();
    this.nowMs += minutes * 60_000;
    if (isLost) await loseDueRuns(this.#dataFile, this.nowMs);
    await this.#open();
  }

  run(argv: readonly string[], options: HermOptions = {}): Promise<HermResult> {
    const env = { HERM_DEPLOYMENT: "dep_local", ...options.env };
    return herm(["automations", ...argv], {
      server: this.server,
      home: this.home,
      now: this.now,
      ...options,
      env,
    });
  }

  /** Sends an API request. */
  send(method: "POST" | "PATCH", path: string, body?: object): Promise<Response> {
    return this.#call(path, { method, ...(body && { body: JSON.stringify(body) }) });
  }

  /** The number of GETs of the API that the server has answered since its start. */
  async reads(): Promise<number> {
    const answer = await this.#call("/_dev/requests", { method: "GET" });
    const requests: { method: string; path: string; count: number }[] = JSON.parse(await answer.text());
    const reads = requests.filter(({ method, path }) => method === "GET" && path.startsWith("/v1/"));
    return reads.reduce((sum, { count }) => sum + count, 0);
  }

  /** The number of an automation's runs that a person, or a catch-up, started. */
  async startedByHand(name: string): Promise<number> {
    const { stdout } = await this.run(["get", name, "--json"]);
    const { recent_runs }: { recent_runs: { trigger: string }[] } = JSON.parse(stdout);
    return recent_runs.filter(({ trigger }) => trigger === "manual").length;
  }

  #call(path: string, init: RequestInit): Promise<Response> {
    const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
    return this.server.fetch(new Request(`http://127.0.0.1${path}`, { headers, ...init }));
  }

  async create(
    name: string,
    schedule: string,
    instructions = "x",
    more: readonly string[] = [],
  ): Promise<void> {
    const flags = ["--name", name, "--schedule", schedule, "--instructions", instructions, ...more];
    const { code, stderr } = await this.run(["create", ...flags]);
    if (code !== 0) throw new Error(stderr);
  }

  async #open(): Promise<void> {
    this.#server = await embedDevServer({
      dataFile: this.#dataFile,
      apiKey,
      now: () => this.nowMs - this.#aheadMs,
      onActivity: this.hear,
    });
    await this.#server.advance(0);
  }
}

/** A JSON row from a command that starts runs. */
export interface StartRow {
  automation_id: string;
  name: string;
  result: string;
  reason?: string;
  run_id?: string;
  missed?: number;
  made_up?: number;
}

/** `started 23`, `skipped 5 a run is still going`. */
export function toldStart({ result, missed, reason }: StartRow): string {
  return [result, missed, reason].filter((part) => part !== undefined).join(" ");
}

/** The server with one field of its automations left out. */
export function withoutField(world: AuditWorld, field: string): FetchLike {
  return async (url, { method, headers, body }) => {
    const answer = await world.server.fetch(new Request(url, { method, headers, ...(body && { body }) }));
    const text = (await answer.text()).replaceAll(new RegExp(`,"${field}":"[^"]*"`, "g"), "");
    return new Response(text, { status: answer.status, headers: { "content-type": "application/json" } });
  };
}
