/** The cost of pausing a fleet, as ratios to floors that send the same requests in the same run. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EmbeddedServer, embedDevServer } from "../../src/dev-server/embed.js";
import { call } from "../incident/fleet.js";
import { bareClient } from "./bare-client.js";
import { median, type Program, timeMs } from "./pairs.js";
import { runWithPeak } from "./peak.js";

export interface PauseRow {
  what: string;
  floor: string;
  /** Median of the pairs' ratios. */
  ratio: number;
  /** The limit for the ratio. */
  limit: number;
  medianMs: number;
  floorMs: number;
  pairs: number;
}

/**
 * Pauses 1,000 automations in 50 deployments, in turn with each floor: a bare loop that sends the same reads and
 * PATCHes and, if installed, curl with only the PATCHes (a fifth of the pairs). The command must have been built. Takes
 * about a minute with 15 pairs.
 */
export async function benchPause({ herm, cacheFolder, limit, pairs }: PauseBench): Promise<PauseRow[]> {
  return withFleet({ deployments: 50, each: 20, cacheFolder }, async (fleet) => {
    const rows: PauseRow[] = [];
    for (const floor of floorsOf(fleet, { limit, pairs }))
      rows.push(await compareWith(fleet, { herm, floor }));
    return rows;
  });
}

export interface PauseBench {
  herm: Program;
  /** Compiled code from an earlier run is there, as it is for anybody who runs the command again. */
  cacheFolder: string;
  /** The limit for the ratio to the bare loop. */
  limit: number;
  pairs: number;
}

/** The peak memory of a pause of 10,000 automations, in MB; undefined if the system doesn't report it. Limit: 200. */
export async function pausePeakMb({
  herm,
  cacheFolder,
}: Pick<PauseBench, "herm" | "cacheFolder">): Promise<number | undefined> {
  return withFleet({ deployments: 100, each: 100, cacheFolder }, async (fleet) => {
    const { peakMb } = await runWithPeak(pauseProgram(herm, fleet, "INC-1"));
    await requirePaused(fleet);
    return peakMb;
  });
}

interface Fleet {
  server: EmbeddedServer;
  url: string;
  /** `<deployment>/automations/<automation>`. */
  paths: string[];
  folder: string;
  cacheFolder: string;
}

async function withFleet<T>(
  { cacheFolder, ...size }: { deployments: number; each: number; cacheFolder: string },
  work: (fleet: Fleet) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "herm-bench-pause-"));
  const server = await embedDevServer();
  try {
    const paths = await fill(server, size);
    const { url } = await server.listen();
    return await work({ server, url, paths, folder, cacheFolder });
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Automations that have each run once, so that their runs are read after the last change. */
async function fill(
  server: EmbeddedServer,
  { deployments, each }: { deployments: number; each: number },
): Promise<string[]> {
  const paths: string[] = [];
  const ids: string[] = [];
  for (let count = 0; count < deployments; count += 1) {
    const fields = { customer_id: "cus_1", name: `Deployment ${count}`, system_prompt: "x" };
    ids.push(String((await call(server, "POST", "/v1/deployments", fields)).body.deployment_id));
  }
  await call(server, "POST", "/_dev/clock", { advance_s: 1 });
  for (const id of ids) {
    for (let count = 0; count < each; count += 1) {
      const fields = { name: `Automation ${count}`, schedule: "0 9 1 1 *", instructions: "x" };
      const { body } = await call(server, "POST", `/v1/deployments/${id}/automations`, fields);
      const path = `${id}/automations/${String(body.automation_id)}`;
      await call(server, "POST", `/v1/deployments/${path}/trigger`);
      paths.push(path);
    }
  }
  await call(server, "POST", "/_dev/clock", { advance_s: 60 });
  return paths;
}

/** With its own home, because otherwise the ledgers of open incidents would be read too. */
function pauseProgram(herm: Program, { server, url, folder, cacheFolder }: Fleet, incident: string): Program {
  const env = {
    PATH: process.env.PATH,
    HOME: join(folder, incident),
    XDG_CACHE_HOME: cacheFolder,
    HERM_API_URL: url,
    HERM_API_KEY: server.apiKey,
  };
  const words = ["automations", "pause", "--all-deployments", "--incident", incident, "--yes", "-q"];
  return { file: herm.file, args: [...herm.args, ...words, "-o", "name"], env };
}

/** Only the same reads, including those of runs after the last change, and PATCHes, on eight persistent connections. */
const bareLoop = `${bareClient}
(async () => {
  await call("GET", "/_dev/store");
  const { data } = await call("GET", "/v1/deployments?limit=100");
  const found = [];
  const read = () => each(data, async ({ deployment_id: id }) => {
    const page = await call("GET", "/v1/deployments/" + id + "/automations?limit=100");
    for (const { automation_id, last_run_at } of page.data) found.push({ path: id + "/automations/" + automation_id, last_run_at });
  });
  await read();
  await each(found.splice(0), ({ path }) => call("PATCH", "/v1/deployments/" + path, '{"enabled":false}'));
  await read();
  const ran = found.filter(({ last_run_at }) => last_run_at !== null);
  await each(ran, ({ path }) => call("GET", "/v1/deployments/" + path));
  agent.destroy();
})();`;

interface Floor {
  name: string;
  program: Program;
  limit: number;
  pairs: number;
}

function floorsOf(fleet: Fleet, { limit, pairs }: Pick<PauseBench, "limit" | "pairs">): Floor[] {
  const env = { PATH: process.env.PATH, URL_BASE: fleet.url, KEY: fleet.server.apiKey };
  const loop: Program = { file: process.execPath, args: ["-e", bareLoop], env };
  const floors: Floor[] = [
    { name: "a bare keep-alive loop, same reads and PATCHes", program: loop, limit, pairs },
  ];
  if (!hasCurl()) return floors;
  const curl = { name: "xargs -P 8 curl, the PATCHes alone", program: curlProgram(fleet), limit: 0.35 };
  return [...floors, { ...curl, pairs: Math.ceil(pairs / 5) }];
}

async function compareWith(
  fleet: Fleet,
  { herm, floor: { name, program, limit, pairs } }: { herm: Program; floor: Floor },
): Promise<PauseRow> {
  const times: { ours: number; theirs: number }[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const pause = pauseProgram(herm, fleet, `INC-${limit}-${pair}`);
    const isFirst = pair % 2 === 0;
    const one = await timeOfPausing(fleet, isFirst ? pause : program);
    const other = await timeOfPausing(fleet, isFirst ? program : pause);
    times.push(isFirst ? { ours: one, theirs: other } : { ours: other, theirs: one });
  }
  return {
    what: `herm automations pause of ${fleet.paths.length} automations`,
    floor: name,
    ratio: median(times.map(({ ours, theirs }) => ours / theirs)),
    limit,
    medianMs: median(times.map(({ ours }) => ours)),
    floorMs: median(times.map(({ theirs }) => theirs)),
    pairs,
  };
}

async function timeOfPausing(fleet: Fleet, program: Program): Promise<number> {
  await enableAll(fleet);
  const ms = await timeMs(program);
  await requirePaused(fleet);
  return ms;
}

function hasCurl(): boolean {
  try {
    execFileSync("sh", ["-c", "command -v curl && command -v xargs"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** curl as people use it in scripts: the key is in a file that curl reads, and each request is a process. */
function curlProgram({ server, url, paths, folder }: Fleet): Program {
  const config = join(folder, "curl.conf");
  const list = join(folder, "urls");
  const header = (text: string) => `header = "${text}"\n`;
  writeFileSync(
    config,
    `silent\nfail\nrequest = "PATCH"\ndata = "{\\"enabled\\":false}"\noutput = "/dev/null"\n${header(`Authorization: Bearer ${server.apiKey}`)}${header("Content-Type: application/json")}`,
    { mode: 0o600 },
  );
  writeFileSync(list, paths.map((path) => `${url}/v1/deployments/${path}\n`).join(""));
  return {
    file: "sh",
    args: ["-c", `xargs -P 8 -n 1 curl -K "${config}" < "${list}"`],
    env: { PATH: process.env.PATH },
  };
}

async function enableAll({ server, paths }: Fleet): Promise<void> {
  for (const path of paths) await call(server, "PATCH", `/v1/deployments/${path}`, { enabled: true });
}

async function requirePaused({ server, paths }: Fleet): Promise<void> {
  for (const path of paths) {
    const { body } = await call(server, "GET", `/v1/deployments/${path}`);
    if (body.enabled !== false) throw new Error(`${path} is still enabled`);
  }
}
