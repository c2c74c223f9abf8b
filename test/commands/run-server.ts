import { Writable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import type { EmbeddedServer } from "../../src/dev-server/embed.js";
import { type HermOptions, type HermResult, herm, startServer } from "../support/harness.js";

/** A server, and `herm` on its only deployment. Time is real, but nothing here waits for it. */
export interface RunServer {
  server: EmbeddedServer;
  /** The folder in which runs are cached. */
  run(argv: readonly string[], options?: HermOptions): Promise<HermResult>;
  /** Creates an automation; returns its id. */
  create(name: string, instructions: string, deployment?: string): Promise<string>;
  /**
   * Starts a run of the automation with this id, lets it work for a second of the server's clock, and returns the run's
   * id.
   */
  trigger(id: string, deployment?: string): Promise<string>;
}

export async function startRunServer(options: Parameters<typeof startServer>[0] = {}): Promise<RunServer> {
  const server = await startServer(options);
  const run = (argv: readonly string[], more: HermOptions = {}) =>
    herm(argv, {
      server,
      sleep: (ms, signal) => pause(ms, undefined, { signal }),
      ...more,
      env: { HERM_DEPLOYMENT: "dep_local", ...more.env },
    });
  const automations = "/v1/deployments/dep_local/automations";
  // So many hours away that it never runs in a test that lets a few pass, whatever the time of day.
  const hour = new Date(options.startAt ?? Date.now()).getUTCHours();
  const schedule = `0 ${(hour + 16) % 24} * * *`;
  const create = async (name: string, instructions: string, deployment = "dep_local") => {
    const body = { name, schedule, instructions };
    const path = automations.replace("dep_local", deployment);
    return idOf("automation_id", await call(server, path, body));
  };
  const trigger = async (id: string, deployment = "dep_local") => {
    const path = `${automations.replace("dep_local", deployment)}/${id}/trigger`;
    const run_id = await idOf("run_id", await call(server, path, undefined, "POST"));
    await server.advance(1);
    return run_id;
  };
  return { server, run, create, trigger };
}

/** Replaces ids and times that differ from run to run. */
export function steady(text: string): string {
  const names = new Map<string, string>();
  return text
    .replaceAll(/\b(run|auto|thr|evt)_(?!id\b|status\b)\w+/g, (id, kind: string) => {
      const known =
        names.get(id) ?? `${kind}_${[...names.values()].filter((name) => name.startsWith(kind)).length + 1}`;
      names.set(id, known);
      return known;
    })
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    .replaceAll(/\b\d+ (ms|s)\b/g, "TOOK");
}

/** The number of POST requests to paths with this ending. */
export function sent(server: EmbeddedServer, ending: string): Promise<number> {
  return served(server, ending);
}

async function served(server: EmbeddedServer, ending: string): Promise<number> {
  const answer = await devCall(server, "requests");
  const requests: { method: string; path: string; count: number }[] = JSON.parse(await answer.text());
  const counts = requests.filter(({ method, path }) => method === "POST" && path.endsWith(ending));
  return counts.reduce((sum, { count }) => sum + count, 0);
}

/** Calls `/_dev/`, with a POST if there is a body. */
export function devCall(server: EmbeddedServer, path: string, body?: object): Promise<Response> {
  return call(server, `/_dev/${path}`, body);
}

function call(server: EmbeddedServer, path: string, body?: object, method = "GET"): Promise<Response> {
  const headers = { authorization: `Bearer ${server.apiKey}` };
  const json = { ...headers, "content-type": "application/json" };
  const init =
    body === undefined ? { method, headers } : { method: "POST", headers: json, body: JSON.stringify(body) };
  return server.fetch(new Request(`http://127.0.0.1${path}`, init));
}

async function idOf(field: string, answer: Response): Promise<string> {
  const value: Record<string, unknown> = JSON.parse(await answer.text());
  return String(value[field]);
}

/** A stream on which a test can wait for a text. */
export class Watched extends Writable {
  text = "";
  writes = 0;
  #check: () => void = () => undefined;

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.writes += 1;
    this.text += chunk.toString("utf8");
    this.#check();
    done();
  }

  async until(text: string): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#check = () => {
        if (this.text.includes(text)) resolve();
      };
      this.#check();
    });
  }
}

/** Creates a deployment and returns its id; without `wait`, it is still provisioning. */
export async function addDeployment(
  server: EmbeddedServer,
  { name, customer_id, wait = true }: { name: string; customer_id: string; wait?: boolean },
): Promise<string> {
  const body = { name, customer_id, system_prompt: wait ? "" : "@dev wait 600" };
  const deployment_id = await idOf("deployment_id", await call(server, "/v1/deployments", body));
  if (wait) await server.advance(1);
  return deployment_id;
}
