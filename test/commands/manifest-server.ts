import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Automation, AutomationDetail } from "../../src/api/types.js";
import type { EmbeddedServer, EmbedOptions } from "../../src/dev-server/embed.js";
import { type HermOptions, type HermResult, herm, startServer, temporaryFolder } from "../support/harness.js";

/** A server, a home, and short ways to read both. */
export interface ManifestServer {
  server: EmbeddedServer;
  /** Where the command runs: manifests are written here. */
  cwd: string;
  /** Runs `herm automations <words>` in `cwd`. */
  run(words: readonly string[], options?: HermOptions): Promise<HermResult>;
  /** The same for `herm <words>`. */
  runHerm(words: readonly string[], options?: HermOptions): Promise<HermResult>;
  call(method: string, path: string, body?: object): Promise<unknown>;
  /** Adds a deployment, ready by default; returns its id. */
  deploy(name: string, options?: { customer?: string; prompt?: string; isReady?: boolean }): Promise<string>;
  create(fields: object, deployment?: string): Promise<AutomationDetail>;
  /** The automations in a deployment as listed, without instructions. */
  list(deployment?: string): Promise<Automation[]>;
  /** All of them in full, in the order of their names. */
  state(deployment?: string): Promise<AutomationDetail[]>;
  /** The number of requests with this method below a path since the last call of `writes`. */
  writes(): Promise<string[]>;
  write(files: Record<string, string>): void;
  /** From now on, every list of the deployment's automations fails. */
  failLists(deployment: string): Promise<unknown>;
}

/** Monday 2 March 2026, 08:00 UTC, in ms. */
export const startAt = Date.parse("2026-03-02T08:00:00Z");

export async function startManifestServer(options: EmbedOptions = {}): Promise<ManifestServer> {
  return manifestServer(await startServer(options), { cwd: temporaryFolder(), home: temporaryFolder() });
}

/** The same with a clock that stands still at `startAt`, even on a slow machine. */
export function startOnMonday(): Promise<ManifestServer> {
  return startManifestServer({ now: () => startAt });
}

/** The same with a server and folders that the caller ends. */
export function manifestServer(
  server: EmbeddedServer,
  { cwd, home }: { cwd: string; home: string },
): ManifestServer {
  const counted = new Map<string, number>();
  const call = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await server.fetch(
      new Request(`http://127.0.0.1${path}`, {
        method,
        headers: { authorization: `Bearer ${server.apiKey}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  };
  const list = async (deployment = "dep_local"): Promise<Automation[]> =>
    ((await call("GET", `/v1/deployments/${deployment}/automations?limit=100`)) as { data: Automation[] })
      .data;
  const state = async (deployment = "dep_local"): Promise<AutomationDetail[]> => {
    const all = await Promise.all(
      (await list(deployment)).map(({ automation_id }) =>
        call("GET", `/v1/deployments/${deployment}/automations/${automation_id}`),
      ),
    );
    return (all as AutomationDetail[]).toSorted((one, other) =>
      (one.name ?? "") < (other.name ?? "") ? -1 : 1,
    );
  };
  return {
    server,
    cwd,
    call,
    list,
    state,
    run: (words, rest = {}) => herm(["automations", ...words], { server, cwd, home, ...rest }),
    runHerm: (words, rest = {}) => herm(words, { server, cwd, home, ...rest }),
    deploy: async (name, { customer = "cus_1", prompt = "x", isReady = true } = {}) => {
      const fields = { customer_id: customer, name, system_prompt: prompt };
      const made = (await call("POST", "/v1/deployments", fields)) as { deployment_id: string };
      if (isReady) await server.advance(1);
      return made.deployment_id;
    },
    create: async (fields, deployment = "dep_local") =>
      (await call("POST", `/v1/deployments/${deployment}/automations`, {
        schedule: "0 9 * * *",
        instructions: "x",
        ...fields,
      })) as AutomationDetail,
    writes: async () => {
      const counts = (await call("GET", "/_dev/requests")) as {
        method: string;
        path: string;
        count: number;
      }[];
      const writes = counts.filter(({ method }) => method !== "GET");
      return writes.flatMap(({ method, path, count }) => {
        const key = `${method} ${path}`;
        const since = count - (counted.get(key) ?? 0);
        counted.set(key, count);
        return since === 0 ? [] : [`${since} ${key}`];
      });
    },
    failLists: (deployment) =>
      call("POST", "/_dev/faults", {
        method: "GET",
        path: `/v1/deployments/${deployment}/automations`,
        count: null,
        action: { type: "fail", status: 500 },
      }),
    write: (files) => {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(join(cwd, name, ".."), { recursive: true });
        writeFileSync(join(cwd, name), text);
      }
    },
  };
}

/** Rows of JSON output in short: `create A done`. */
export function inShort(stdout: string): string[] {
  const rows: { action: string; name: string; reason?: string; result?: string }[] = JSON.parse(stdout);
  return rows.map(({ action, name, reason, result }) =>
    [action, name, reason && `(${reason})`, result].filter((part) => part !== undefined).join(" "),
  );
}
