/** What pausing a fleet costs, as ratios to floors that do the same requests in the same run. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type EmbeddedServer, embedDevServer } from "../../src/dev-server/embed.js";
import { call } from "../incident/fleet.js";
import { bareClient } from "./bare-client.js";
import { median, type Program, timeMs } from "./pairs.js";
import { runWithPeak } from "./peak.js";

const command = fileURLToPath(new URL("../../bin/herm.cjs", import.meta.url));

export interface PauseFigure {
  what: string;
  floor: string;
  /** Median of the runs' ratios. */
  ratio: number;
  medianMs: number;
  floorMs: number;
  runs: number;
}

export interface PauseBench {
  figures: PauseFigure[];
  /** Of a pause of 10,000 automations, in MB; undefined where the system doesn't tell. */
  peakMb: number | undefined;
}

/** Pauses 1,000 automations in 50 deployments against a bare loop and curl, and 10,000 for the memory. */
export async function benchPause({ runs = 5 } = {}): Promise<PauseBench> {
  const figures = await withFleet({ deployments: 50, each: 20 }, (fleet) => compare(fleet, runs));
  const peakMb = await withFleet({ deployments: 100, each: 100 }, peakOf);
  return { figures, peakMb };
}

interface Fleet {
  server: EmbeddedServer;
  url: string;
  /** `<deployment>/automations/<automation>`. */
  paths: string[];
  folder: string;
}

async function withFleet<T>(
  size: { deployments: number; each: number },
  work: (fleet: Fleet) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "herm-bench-pause-"));
  const server = await embedDevServer();
  try {
    const paths = await fill(server, size);
    const { url } = await server.listen();
    return await work({ server, url, paths, folder });
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

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
      paths.push(`${id}/automations/${String(body.automation_id)}`);
    }
  }
  return paths;
}

function pauseProgram({ server, url, folder }: Fleet, incident: string): Program {
  const env = { PATH: process.env.PATH, HOME: folder, HERM_API_URL: url, HERM_API_KEY: server.apiKey };
  const words = ["automations", "pause", "--all-deployments", "--incident", incident, "--yes", "-q"];
  return { file: process.execPath, args: [command, ...words, "-o", "name"], env };
}

/** The same reads and PATCHes on eight kept connections, and nothing else. */
const bareLoop = `${bareClient}
(async () => {
  await call("GET", "/_dev/store");
  const { data } = await call("GET", "/v1/deployments?limit=100");
  const found = [];
  const read = () => each(data, async ({ deployment_id: id }) => {
    const page = await call("GET", "/v1/deployments/" + id + "/automations?limit=100");
    for (const { automation_id } of page.data) found.push(id + "/automations/" + automation_id);
  });
  await read();
  await each(found.splice(0), (path) => call("PATCH", "/v1/deployments/" + path, '{"enabled":false}'));
  await read();
  agent.destroy();
})();`;

async function compare(fleet: Fleet, runs: number): Promise<PauseFigure[]> {
  const { server, url, folder } = fleet;
  const loop: Program = {
    file: process.execPath,
    args: ["-e", bareLoop],
    env: { PATH: process.env.PATH, URL_BASE: url, KEY: server.apiKey },
  };
  const floors: [string, Program, number][] = [["a bare keep-alive loop, same requests", loop, runs]];
  if (hasCurl()) floors.push(["xargs -P 8 curl, the PATCHes alone", curlProgram(fleet, folder), 3]);
  const figures: PauseFigure[] = [];
  let incident = 0;
  const run = async (program: Program) => {
    await enableAll(fleet);
    const ms = await timeMs(program);
    await requirePaused(fleet);
    return ms;
  };
  for (const [floor, program, times] of floors) {
    const pairs: { ours: number; theirs: number }[] = [];
    for (let count = 0; count < times; count += 1) {
      incident += 1;
      const ours = pauseProgram(fleet, `INC-${incident}`);
      const isFirst = count % 2 === 0;
      const one = await run(isFirst ? ours : program);
      const other = await run(isFirst ? program : ours);
      pairs.push(isFirst ? { ours: one, theirs: other } : { ours: other, theirs: one });
    }
    figures.push({
      what: `herm pauses ${fleet.paths.length} automations`,
      floor,
      ratio: median(pairs.map(({ ours, theirs }) => ours / theirs)),
      medianMs: median(pairs.map(({ ours }) => ours)),
      floorMs: median(pairs.map(({ theirs }) => theirs)),
      runs: times,
    });
  }
  return figures;
}

function hasCurl(): boolean {
  try {
    execFileSync("sh", ["-c", "command -v curl && command -v xargs"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** curl as people script it: the key in a file that curl reads, one process a request. */
function curlProgram({ server, url, paths }: Fleet, folder: string): Program {
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

/** The most memory that a pause of all of them takes. */
async function peakOf(fleet: Fleet): Promise<number | undefined> {
  const { peakMb } = await runWithPeak(pauseProgram(fleet, "INC-1"));
  await requirePaused(fleet);
  return peakMb;
}
